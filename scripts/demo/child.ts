import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** A program of this repository, run as a process that cannot outlive this one. */
export interface Child {
  readonly name: string;
  /**
   * The match of the ready line. Rejects with what the program had to say if it ends before printing one, or with a
   * message of its own if that takes longer than 30 seconds.
   */
  readonly ready: Promise<RegExpExecArray>;
  /** How it ended, in words: `code 1`, `SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to end, insists after 3 seconds, and resolves once it is gone. */
  stop(): Promise<void>;
}

export interface Program {
  readonly name: string;
  /** Path relative to the repository's root. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly readyLine: RegExp;
}

const ROOT = join(import.meta.dirname, '../..');
const LONGEST_START_MS = 30_000;
const LONGEST_STOP_MS = 3_000;

export const startChild = ({ name, file, args, env, readyLine }: Program): Child => {
  // A process group of its own keeps the terminal's Ctrl-C away: who stops when is decided here. The channel is how it
  // notices that this process is gone (scripts/launch.js).
  const child = spawn(process.execPath, [join(ROOT, 'scripts/launch.js'), join(ROOT, file), ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // Not 'exit': its last words may still be in the pipe then.
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  return { name, ready: readiness(name, child, ended, readyLine), ended, stop: () => stop(child, ended) };
};

const readiness = async (name: string, child: ChildProcess, ended: Promise<string>, readyLine: RegExp) => {
  let heard = '';
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const hear = (chunk: string) => {
    heard += chunk;
    const match = readyLine.exec(heard);
    if (match) resolve(match);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', hear);
  const timer = setTimeout(() => reject(new Error(`${name} is not ready after 30 s. ${heard}`)), LONGEST_START_MS);
  void ended.then((how) => reject(new Error(heard.trim() || `${name} ended with ${how} and said nothing.`)));
  try {
    const match = await promise;
    process.stderr.write(heard.replace(readyLine, '').trimStart());
    return match;
  } finally {
    clearTimeout(timer);
    for (const stream of [child.stdout, child.stderr]) stream?.off('data', hear);
    child.stdout?.pipe(process.stdout, { end: false });
    child.stderr?.pipe(process.stderr, { end: false });
  }
};

const stop = async (child: ChildProcess, ended: Promise<string>): Promise<void> => {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_STOP_MS);
  await ended;
  clearTimeout(timer);
};
