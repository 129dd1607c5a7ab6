import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');

/** End of a process: exit code or signal; the other is null. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly pid: number;
  /** Everything it has written so far, stdout and stderr in order. */
  output(): string;
  /**
   * Resolves with the first match in the output, past or to come. Rejects with the output if the process ends without
   * one, or after 4 minutes.
   */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Settles when the process has ended and its output was read. Rejects if it could not be started. */
  readonly ended: Promise<Ending>;
  /** Sends a signal, by default SIGTERM, and SIGKILL after a minute. Does nothing after the end. */
  stop(signal?: NodeJS.Signals): Promise<Ending>;
}

export interface ProcessOptions {
  /** Variables in addition to PATH and HOME, which are all that it inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the repository's root. */
  readonly cwd?: string;
  /** In a process group of its own, so that `process.kill(-pid, 'SIGINT')` is a Ctrl-C. Default false. */
  readonly ownGroup?: boolean;
  /** File descriptor that becomes its standard output. Default: a pipe, which `output` reads. */
  readonly stdout?: number;
  /** Options of Node itself, before the file. */
  readonly nodeOptions?: readonly string[];
}

/** Against hangs: a busy machine needs many times what an idle one does. */
const MAX_WAIT_MS = 240_000;
const MAX_STOP_MS = 60_000;

const living = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * Starts a program. Pass its `stop` to `onTestFinished` or `afterAll`; it does not outlive this process in any case.
 */
export const startProcess = (
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): RunningProcess => {
  const { env = {}, cwd = ROOT, ownGroup = false, stdout = 'pipe' } = options;
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    detached: ownGroup,
    stdio: ['ignore', stdout, 'pipe'],
  });
  living.add(child);
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ending>();
  child.once('error', reject);
  child.once('close', (code, signal) => {
    living.delete(child);
    resolve({ code, signal });
  });
  // `ended` reports a failed start to its readers; without one it is not an error.
  ended.catch(() => {});
  const { output, waitFor } = listenTo(child, ended);
  return { pid: child.pid ?? 0, output, waitFor, ended, stop: (signal = 'SIGTERM') => stop(child, ended, signal) };
};

/** Starts a file of the repository on the Node that runs the tests. */
export const startNode = (file: string, args: readonly string[] = [], options: ProcessOptions = {}): RunningProcess =>
  startProcess(process.execPath, [...(options.nodeOptions ?? []), join(ROOT, file), ...args], options);

const listenTo = (child: ChildProcess, ended: Promise<Ending>) => {
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      for (const listener of listeners) listener();
    });

  const waitFor = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(output);
      if (match) resolve(match);
    };
    const giveUp = (why: string) => reject(new Error(`${why} before ${pattern} was seen. Output:\n${output}`));
    const timer = setTimeout(() => giveUp(`${MAX_WAIT_MS} ms passed`), MAX_WAIT_MS);
    listeners.add(look);
    ended.then(
      ({ code, signal }) => giveUp(`Ended with ${signal ?? `code ${code}`}`),
      (error: Error) => giveUp(error.message),
    );
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      listeners.delete(look);
    });
  };
  return { output: () => output, waitFor };
};

const stop = async (child: ChildProcess, ended: Promise<Ending>, signal: NodeJS.Signals): Promise<Ending> => {
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), MAX_STOP_MS);
  return ended.finally(() => clearTimeout(timer));
};

/** A living local process. */
export interface LivingProcess {
  readonly pid: number;
  /** Its command line, separated by spaces. */
  readonly command: string;
}

/**
 * Living processes started with this variable in their environment, directly or not, even if their parent is gone.
 * Reads /proc, so Linux only.
 */
export const processesWith = (name: string, value: string): LivingProcess[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && wordsOf(`/proc/${entry}/environ`).includes(`${name}=${value}`))
    .map((pid) => ({ pid: Number(pid), command: wordsOf(`/proc/${pid}/cmdline`).join(' ') }));

const wordsOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\0');
  } catch {
    // The process has ended, or belongs to another user.
    return [];
  }
};
