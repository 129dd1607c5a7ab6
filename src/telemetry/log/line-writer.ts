import type { Clock } from '../../core/clock.ts';

/** Writes bytes without blocking, and reports the number of bytes written, or an error. */
export type WriteBytes = (bytes: Buffer, done: (error: Error | null, written: number) => void) => void;

export interface LineWriterOptions {
  readonly clock: Clock;
  readonly write: WriteBytes;
  /** Writes synchronously as much as possible, and returns the number of bytes. Used at the end of the process. */
  readonly writeNow: (bytes: Buffer) => number;
  /** Bound of the lines in memory, in characters. Further lines are dropped. Default 4 Mi. */
  readonly maxWaiting?: number;
  /** Returns the line that reports lost lines, once the destination accepts lines again. */
  readonly lossLine: (dropped: number) => string;
}

const DEFAULT_MAX_WAITING = 4 * 1_048_576;
const CHUNK_LENGTH = 64 * 1_024;
// Delays of a retry: after a full pipe, and after any other error, such as a full disk.
const FULL_RETRY_MS = 50;
const FAILED_RETRY_MS = 1_000;

const isFull = (error: Error): boolean => 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');

const EMPTY = Buffer.alloc(0);

/**
 * Writes lines to a destination that may be slow, full or gone.
 *
 * `write` neither waits nor throws. Lines wait in memory up to a bound, and are dropped and counted beyond it. A failed
 * write is repeated until it succeeds; one line then reports the number of lost lines.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  readonly #maxWaiting: number;
  readonly #chunks: string[] = [];
  /** Part of the current chunk that is not written yet. */
  #rest = EMPTY;
  #restLength = 0;
  #isSending = false;
  #waiting = 0;
  #isBusy = false;
  #dropped = 0;
  #unreported = 0;
  readonly #idle: (() => void)[] = [];

  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? DEFAULT_MAX_WAITING;
  }

  /** Number of lines lost since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a line, which must end with a line feed. */
  write(line: string): void {
    if (this.#waiting + line.length > this.#maxWaiting) {
      this.#dropped += 1;
      this.#unreported += 1;
      return;
    }
    this.#waiting += line.length;
    const last = this.#chunks.length - 1;
    const chunk = this.#chunks[last];
    if (chunk === undefined || chunk.length >= CHUNK_LENGTH) this.#chunks.push(line);
    else this.#chunks[last] = chunk + line;
    if (!this.#isBusy) this.#send();
  }

  /** Resolves after every line is written, at the latest after `withinMs`. */
  flush(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#isBusy) {
        resolve();
        return;
      }
      const timer = this.#options.clock.after(withinMs, resolve);
      this.#idle.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /**
   * Writes synchronously as much as the destination accepts, and drops the rest. For the `exit` event, which cannot
   * wait.
   */
  flushNow(): void {
    // A write in progress completes by itself.
    const left = this.#isSending ? EMPTY : this.#rest;
    const rest = Buffer.concat([left, Buffer.from(this.#chunks.splice(0).join(''))]);
    for (let at = 0; at < rest.length; ) {
      try {
        at += this.#options.writeNow(rest.subarray(at));
      } catch {
        return;
      }
    }
  }

  #send(): void {
    if (this.#rest.length === 0) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) {
        this.#isBusy = false;
        for (const resolve of this.#idle.splice(0)) resolve();
        return;
      }
      this.#rest = Buffer.from(chunk);
      this.#restLength = chunk.length;
    }
    this.#isBusy = true;
    this.#isSending = true;
    this.#options.write(this.#rest, (error, written) => {
      this.#isSending = false;
      if (error === null) this.#written(written);
      else this.#options.clock.after(isFull(error) ? FULL_RETRY_MS : FAILED_RETRY_MS, () => this.#send());
    });
  }

  #written(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
    if (this.#rest.length === 0) {
      this.#waiting -= this.#restLength;
      this.#reportLoss();
    }
    this.#send();
  }

  // Waits until half of the room is free: with lines arriving faster than they are written, each chunk would add a
  // report.
  #reportLoss(): void {
    if (this.#unreported === 0 || this.#waiting > this.#maxWaiting / 2) return;
    const line = this.#options.lossLine(this.#unreported);
    this.#unreported = 0;
    this.write(line);
  }
}
