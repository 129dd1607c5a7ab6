import KeyvRedis from '@keyv/redis';
import { createClient, ErrorReply } from '@redis/client';
import type { Clock } from '../core/clock.ts';
import { type GuardedConnection, guardConnection } from './guarded-connection.ts';
import { keyvStore } from './keyv-store.ts';
import { SEALED } from './sealed.ts';
import type { CacheStore } from './store.ts';

const CONNECT_TIMEOUT_MS = 500;
const MAX_RECONNECT_MS = 500;
const PING_EVERY_MS = 1_000;
/**
 * Maximum time without a byte from the server, which is pinged at least twice within it. The connection is then
 * replaced.
 */
const SILENT_MS = 2_500;
const NAMESPACE = 'tributary:cache';

/** Log of state changes of the connection, for operators. */
export interface StoreLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const clientFor = (url: string, silentMs: number) =>
  createClient({
    url,
    // Calls fail without a connection, instead of being queued until Redis returns.
    disableOfflineQueue: true,
    pingInterval: PING_EVERY_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: silentMs,
      reconnectStrategy: (retries) => Math.min(50 * (retries + 1), MAX_RECONNECT_MS),
    },
  });

export type RedisClient = ReturnType<typeof clientFor>;

/** The connection to Redis that everything in this process shares. */
export interface RedisConnection {
  /** For use within `guarded` only. */
  readonly client: RedisClient;
  /**
   * Runs one call within the limit; rejects immediately while Redis is known to be unavailable. A rejection that is no
   * `Error` is an outcome of the call and says nothing about Redis.
   *
   * @throws StoreUnavailableError, or the rejection of the call
   */
  readonly guarded: GuardedConnection['guarded'];
  /** `degraded` while Redis does not answer. */
  readonly state: GuardedConnection['state'];
  /** Closes the connection immediately; calls in flight fail. */
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
    // connect() retries until `close`, and then rejects.
    client.connect().catch(done);
  });

export interface RedisConnectionOptions {
  /** Timeout of one call in milliseconds. Default 50. */
  readonly limitMs?: number;
  /** Milliseconds without a byte from Redis after which the connection is replaced. Default 2,500. */
  readonly silentMs?: number;
}

/**
 * Connects to Redis, and reconnects after every loss of the connection. Resolves after the first attempt, even a failed
 * one: the gateway starts without Redis.
 */
export const connectRedis = async (
  url: string,
  clock: Clock,
  log: StoreLog,
  { limitMs, silentMs = SILENT_MS }: RedisConnectionOptions = {},
): Promise<RedisConnection> => {
  const client = clientFor(url, silentMs);
  // The breaker reports lost connections. Without a listener, Node would end the process.
  client.on('error', () => {});
  const guard = guardConnection(
    {
      isConnected: () => client.isReady,
      ping: () => client.ping(),
      isReply: (error) => error instanceof ErrorReply,
      onChange: (state, reason) =>
        log.warn(state === 'ok' ? 'Redis answers again.' : 'Redis does not answer; requests continue without it.', {
          reason,
        }),
      ...(limitMs === undefined ? {} : { limitMs }),
    },
    clock,
  );
  await firstAttempt(client, clock);
  return {
    client,
    guarded: guard.guarded,
    get state() {
      return guard.state;
    },
    close: async () => {
      guard.close();
      if (client.isOpen) client.destroy();
    },
  };
};

export interface RedisStoreOptions {
  /** Prefix of every key, which separates tenants of one Redis. Default `tributary:cache`. */
  readonly namespace?: string;
  readonly random?: () => number;
}

/**
 * A store that all replicas share. Its values are sealed, because others may write to the same Redis. Closing the store
 * does not close the connection.
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
