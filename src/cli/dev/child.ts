import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { CommandFailure } from '../command/exit-code.ts';

/** A program of this repository in a child process that cannot outlive its parent. */
export interface Child {
  readonly name: string;
  /**
   * Resolves with the match of the ready line. Rejects with the program's output if it ends before that line, or with a
   * timeout message after 30 seconds.
   */
  readonly ready: Promise<RegExpExecArray>;
  /** Exit code or signal: `code 1`, `SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  /** Sends SIGTERM, then SIGKILL after 3 seconds. Resolves once the process has ended. */
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

const ROOT = join(import.meta.dirname, '../../..');
const LAUNCHER = 'scripts/launch.js';
const MAX_START_MS = 30_000;
const MAX_STOP_MS = 3_000;

/** @throws CommandFailure in an installation without the program, such as the gateway's image. */
export const startChild = ({ name, file, args, env, readyLine }: Program): Child => {
  const missing = [LAUNCHER, file].find((path) => !existsSync(join(ROOT, path)));
  if (missing !== undefined)
    throw new CommandFailure(`${missing} not found. Run this command in a checkout of Tributary.`);
  // Its own process group keeps the terminal's Ctrl-C away, so that the order of stopping is decided here. The closed
  // IPC channel tells the program that its parent is gone (scripts/launch.js).
  const child = spawn(process.execPath, [join(ROOT, LAUNCHER), join(ROOT, file), ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // Not 'exit': output may still be in the pipe then.
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  return { name, ready: readiness(name, child, ended, readyLine), ended, stop: () => stop(child, ended) };
};

const readiness = async (name: string, child: ChildProcess, ended: Promise<string>, readyLine: RegExp) => {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const read = (chunk: string) => {
    output += chunk;
    const match = readyLine.exec(output);
    if (match) resolve(match);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', read);
  const timer = systemClock.after(MAX_START_MS, () =>
    reject(new CommandFailure(`${name} is not ready after 30 s. ${output}`)),
  );
  void ended.then((how) => reject(new CommandFailure(output.trim() || `${name} ended with ${how} and no output.`)));
  try {
    const match = await promise;
    process.stderr.write(output.replace(readyLine, '').trimStart());
    return match;
  } finally {
    timer.cancel();
    for (const stream of [child.stdout, child.stderr]) stream?.off('data', read);
    child.stdout?.pipe(process.stdout, { end: false });
    child.stderr?.pipe(process.stderr, { end: false });
  }
};

const stop = async (child: ChildProcess, ended: Promise<string>): Promise<void> => {
  child.kill('SIGTERM');
  const timer = systemClock.after(MAX_STOP_MS, () => child.kill('SIGKILL'));
  await ended;
  timer.cancel();
};
