import KeyvRedis from '@keyv/redis';
import { createClient, ErrorReply } from '@redis/client';
import type { Clock } from '../clock.ts';
import { keyvStore } from './keyv-store.ts';
import { type Line, openLine } from './line.ts';
import { SEALED } from './sealed.ts';
import type { CacheStore } from './store.ts';

const CONNECT_TIMEOUT_MS = 500;
const LONGEST_RECONNECT_MS = 500;
const PING_EVERY_MS = 1_000;
/** Without a byte from a server that is pinged twice in that time, the connection is given up for a new one. */
const SILENT_MS = 2_500;
const NAMESPACE = 'tributary:cache';

/** Where state changes of the connection are told to operators. */
export interface StoreLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const clientFor = (url: string) =>
  createClient({
    url,
    // Otherwise every call would wait, and be kept, until Redis comes back.
    disableOfflineQueue: true,
    pingInterval: PING_EVERY_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENT_MS,
      reconnectStrategy: (retries) => Math.min(50 * (retries + 1), LONGEST_RECONNECT_MS),
    },
  });

export type RedisClient = ReturnType<typeof clientFor>;

/** The one connection to Redis that everything in this process shares. */
export interface RedisConnection {
  /** Use it within `guarded` only. */
  readonly client: RedisClient;
  /**
   * Runs one call within the limit. While Redis is known not to answer it is not run at all. A rejection that is no `Error` is
   * the call's own outcome and says nothing about Redis.
   *
   * @throws StoreUnavailableError, or what the call rejected with.
   */
  readonly guarded: Line['guarded'];
  /** `degraded` while Redis does not answer. */
  readonly state: Line['state'];
  /** Ends the connection at once; calls in flight fail. */
  close(): Promise<void>;
}

const firstAttempt = (client: RedisClient, clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      client.off('ready', done).off('error', done);
      resolve();
    };
    const timer = clock.after(CONNECT_TIMEOUT_MS, done);
    client.on('ready', done).on('error', done);
    // Reconnecting never ends before `close`, which rejects this.
    client.connect().catch(done);
  });

export interface RedisConnectionOptions {
  /** How long a call may take, in milliseconds. Default 50. */
  readonly limitMs?: number;
}

/**
 * Connects to Redis, and connects again whenever the connection is lost. Resolves once it stands, or the first attempt has
 * failed: a Redis that is not there yet is no reason not to start.
 */
export const connectRedis = async (
  url: string,
  clock: Clock,
  log: StoreLog,
  { limitMs }: RedisConnectionOptions = {},
): Promise<RedisConnection> => {
  const client = clientFor(url);
  // What is lost is told once, by the line; without a listener Node would end the process.
  client.on('error', () => {});
  const line = openLine(
    {
      isConnected: () => client.isReady,
      ping: () => client.ping(),
      isAnswer: (error) => error instanceof ErrorReply,
      onChange: (state, reason) =>
        log.warn(state === 'ok' ? 'Redis is back.' : 'Redis is not asked for the time being.', { reason }),
      ...(limitMs === undefined ? {} : { limitMs }),
    },
    clock,
  );
  await firstAttempt(client, clock);
  return {
    client,
    guarded: line.guarded,
    get state() {
      return line.state;
    },
    close: async () => {
      line.close();
      if (client.isOpen) client.destroy();
    },
  };
};

export interface RedisStoreOptions {
  /** In front of every key, so that other tenants of the same Redis are not disturbed. Default `tributary:cache`. */
  readonly namespace?: string;
  readonly random?: () => number;
}

/**
 * A store that all replicas share. Its values are sealed: others write to the same Redis. Closing the store leaves the connection open,
 * which belongs to the part that made it.
 */
export const redisStore = (connection: RedisConnection, options: RedisStoreOptions = {}): CacheStore =>
  keyvStore({
    adapter: new KeyvRedis(connection.client, { throwOnErrors: true }),
    namespace: options.namespace ?? NAMESPACE,
    form: SEALED,
    guard: connection.guarded,
    state: () => connection.state,
    close: async () => {},
    random: options.random,
  });
