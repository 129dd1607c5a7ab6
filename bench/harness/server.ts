import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import type { Endpoints } from '../backends/messages.ts';
import type { Contender } from './contenders.ts';
import { on, SERVER_CORE } from './cores.ts';
import { listenerAt } from './proc.ts';

/** A contender's process, alone on its core and answering. */
export interface Server {
  readonly contender: Contender;
  /** Id of the process that listens. */
  readonly pid: number;
  readonly port: number;
  /** The started process, which has the IPC channel. */
  readonly child: ChildProcess;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Options of Node itself, such as `--cpu-prof`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A file descriptor for what it prints; by default that goes to /dev/null. */
  readonly stdout?: number;
  /** True to run it on the core for servers. Default true. */
  readonly pinned?: boolean;
  /** True for an IPC channel. Default false. */
  readonly ipc?: boolean;
}

const MAX_START_MS = 30_000;
const LOOK_MS = 50;
// A profile is written while it ends.
const MAX_STOP_MS = 30_000;

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });

/** The process that listens on the port must be a descendant of this child: a server left over from another run is not measured. */
const listening = async (child: ChildProcess, port: number, title: string): Promise<number> => {
  for (let waited = 0; waited < MAX_START_MS; waited += LOOK_MS) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`${title} ended before it listened.`);
    const pid = listenerAt(port, child.pid);
    if (pid !== null) return pid;
    await after(LOOK_MS);
  }
  throw new Error(`${title} does not listen after ${MAX_START_MS} ms.`);
};

const alive = new Set<ChildProcess>();
// Not even a run that fails leaves a server behind.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), MAX_STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });

/** Starts a contender with a bare environment, and resolves once it listens. */
export const startServer = async (
  contender: Contender,
  endpoints: Endpoints,
  { flags = [], env = {}, stdout, pinned = true, ipc = false }: StartOptions = {},
): Promise<Server> => {
  const port = await freePort();
  const command = [process.execPath, ...flags, ...contender.command] as const;
  const [file, ...args] = pinned ? on(SERVER_CORE, command) : command;
  const child = spawn(file, args, {
    cwd: contender.root,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      ...endpoints,
      ...contender.env,
      ...env,
      PORT: String(port),
    },
    stdio: ['ignore', stdout ?? 'ignore', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  try {
    const pid = await listening(child, port, contender.title);
    return { contender, pid, port, child, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
};
