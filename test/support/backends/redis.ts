import { spawnSync } from 'node:child_process';
import { createConnection } from 'node:net';
import { freePort } from '../processes/ports.ts';
import { startProcess } from '../processes/processes.ts';

/** A Redis without persistence, on a free port of 127.0.0.1. */
export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it. */
  kill(): Promise<void>;
  /** Suspends it: it accepts connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Ends it, suspended or not. Does nothing after its end. */
  close(): Promise<void>;
}

const installed = spawnSync('redis-server', ['--version']).status === 0;
if (!installed && process.env.CI !== undefined) throw new Error('redis-server is not installed, and CI skips nothing.');

/** Reason for which tests with a Redis of their own cannot run here; null if they can. */
export const noOwnRedis: string | null = installed ? null : 'redis-server is not installed';

/** Starts a Redis, on `port` if set, as after a crash. Call its `close` afterwards. */
export const startRedis = async (port?: number): Promise<RunningRedis> => {
  const at = port ?? (await freePort());
  const args = ['--port', String(at), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no'];
  const running = startProcess('redis-server', args);
  await running.waitFor(/Ready to accept connections/);
  const { pid } = running;
  let gone = false;
  const kill = async () => {
    if (gone) return;
    gone = true;
    await running.stop('SIGKILL');
  };
  const signal = (name: NodeJS.Signals) => {
    if (!gone) process.kill(pid, name);
  };
  return {
    url: `redis://127.0.0.1:${at}`,
    port: at,
    pid,
    kill,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    close: kill,
  };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });

const find = async (): Promise<string | null> => {
  if (process.env.REDIS_URL) return process.env.REDIS_URL;
  if (await answers(6_379)) return 'redis://127.0.0.1:6379';
  return installed ? (await startRedis()).url : null;
};

let found: Promise<string | null> | null = null;

/**
 * A Redis that other tests may use too: write under keys of your own, and flush nothing. The one of REDIS_URL, else the
 * local one, else one started for this process; null for none.
 */
export const redisUrl = (): Promise<string | null> => {
  found ??= find();
  return found;
};
