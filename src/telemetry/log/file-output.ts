import { closeSync, constants, fstatSync, openSync, statSync, write, writeSync } from 'node:fs';
import { type Clock, wallTime } from '../../core/clock.ts';
import { LineWriter } from './line-writer.ts';

/** Interval of the checks of the file's path: rotation renames the file. */
const CHECK_MS = 1_000;
/** Only its owner may read it: an audit log names persons. */
const MODE = 0o600;

const lossLine = (count: number): string =>
  `${JSON.stringify({
    level: 'warn',
    time: new Date(wallTime()).toISOString(),
    count,
    msg: 'Log lines were dropped: writing to the file failed.',
  })}\n`;

// Appends, so that several processes, and a rotation by copy and truncation, lose nothing.
const opened = (path: string): number =>
  openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, MODE);

/** The file at a path, opened again after a rotation has renamed or removed it. */
class AppendedFile {
  readonly #path: string;
  readonly #clock: Clock;
  #descriptor: number;
  #checkAt: number;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#descriptor = opened(path);
    this.#checkAt = clock.now() + CHECK_MS;
  }

  /** @throws Error if the path cannot be opened again */
  descriptor(): number {
    const now = this.#clock.now();
    if (now < this.#checkAt) return this.#descriptor;
    if (!this.#isAtPath()) {
      const next = opened(this.#path);
      closeSync(this.#descriptor);
      this.#descriptor = next;
    }
    this.#checkAt = now + CHECK_MS;
    return this.#descriptor;
  }

  #isAtPath(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    const own = fstatSync(this.#descriptor);
    return found !== undefined && found.ino === own.ino && found.dev === own.dev;
  }
}

/**
 * Appends whole lines to a file, which is created with the mode 0600. The process continues while the disk is full; a file
 * that was renamed is created again within a second.
 *
 * @throws Error if the file cannot be opened
 */
export const fileOutput = (path: string, clock: Clock): LineWriter => {
  const file = new AppendedFile(path, clock);
  const writer = new LineWriter({
    clock,
    write: (bytes, done) => {
      try {
        write(file.descriptor(), bytes, (error, written) => done(error, written));
      } catch (error) {
        // Later, as a failed write would be reported: the writer is not reentrant.
        queueMicrotask(() => done(error instanceof Error ? error : new Error('cannot be opened'), 0));
      }
    },
    writeNow: (bytes) => writeSync(file.descriptor(), bytes),
    lossLine,
  });
  process.once('exit', () => writer.flushNow());
  return writer;
};
