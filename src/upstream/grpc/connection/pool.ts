import type { Socket } from 'node:net';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { ConnectionOptions } from './connection.ts';
import { Connection } from './connection.ts';
import { isSecure } from './dial.ts';

type OpenTunnel = (endpoint: Endpoint, signal: AbortSignal) => Promise<Socket>;

export interface ConnectionPoolOptions extends ConnectionOptions {
  /** Maximum number of connections to one endpoint, draining ones excluded. Further calls wait for a free stream. */
  readonly maxSessions: number;
  /** Time in milliseconds that calls in flight have after `close`. */
  readonly closeTimeoutMs: number;
  /** Opens the tunnel of each connection, within a bounded time and until an abort. Default: direct connections. */
  readonly openTunnel?: OpenTunnel | undefined;
}

interface Waiter {
  give(connection: Connection): void;
  fail(error: Error): void;
}

/**
 * The connection pool of one endpoint: connects on demand, shares connections between concurrent calls, and replaces
 * lost ones.
 */
export class ConnectionPool {
  readonly #endpoint: Endpoint;
  readonly #options: ConnectionPoolOptions;
  readonly #onEmpty: () => void;
  readonly #usable = new Set<Connection>();
  readonly #draining = new Set<Connection>();
  readonly #waiters = new Set<Waiter>();
  readonly #empty = Promise.withResolvers<void>();
  #growAfter = Number.NEGATIVE_INFINITY;
  /** Aborts the tunnel that is being opened, for a connection that does not exist yet. */
  #tunnelling: AbortController | null = null;
  /** Leaving: waiting calls are still served. */
  #phase: 'open' | 'leaving' | 'closed' = 'open';

  /** `onEmpty` is called whenever the last connection is gone and no call waits for another. */
  constructor(endpoint: Endpoint, options: ConnectionPoolOptions, onEmpty: () => void) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#onEmpty = onEmpty;
  }

  /** True if its connections use TLS. */
  get isSecure(): boolean {
    return isSecure(this.#endpoint);
  }

  /** True if a connection is established, so that a call only waits for a free stream. */
  get isConnected(): boolean {
    for (const connection of this.#usable) if (!connection.connecting) return true;
    return false;
  }

  /** Returns a connection with a reserved stream; null if no connection has room now. */
  take(): Connection | null {
    for (const connection of this.#usable)
      if (connection.reserve()) {
        if (connection.draining) this.#retire(connection);
        return connection;
      }
    return null;
  }

  /**
   * Returns a connection with a reserved stream as soon as one has room, in the order of the calls. Connects if that
   * may help.
   *
   * @throws the signal's reason after an abort, or the error of the failed connect.
   */
  wait(signal: AbortSignal): Promise<Connection> {
    if (this.#phase === 'closed') return Promise.reject(new Error('this transport is closed'));
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
        this.#settle();
      };
      const waiter: Waiter = {
        give: (connection) => {
          signal.removeEventListener('abort', leave);
          resolve(connection);
        },
        fail: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiters.add(waiter);
      this.#serve();
    });
  }

  /** Lets every call that has arrived end within its own time. Resolves when every connection is closed. */
  release(): Promise<void> {
    if (this.#phase === 'open') this.#phase = 'leaving';
    this.#settle();
    return this.#empty.promise;
  }

  /**
   * Lets calls in flight end within a bounded time, and opens no more connections. Resolves when every connection is
   * closed.
   */
  async close(): Promise<void> {
    this.#phase = 'closed';
    this.#failWaiters(new Error('this transport is closed'));
    const { clock, closeTimeoutMs } = this.#options;
    const timer = clock.after(closeTimeoutMs, () => {
      for (const connection of this.#all()) connection.destroy(new Error('this transport is closed'));
    });
    this.#settle();
    await this.#empty.promise;
    timer.cancel();
  }

  #all(): readonly Connection[] {
    return [...this.#usable, ...this.#draining];
  }

  #serve(): void {
    if (this.#waiters.size > 0) this.#serveWaiters();
    this.#settle();
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiters) {
      const connection = this.take();
      if (connection === null) break;
      this.#waiters.delete(waiter);
      waiter.give(connection);
    }
    if (this.#waiters.size > 0) this.#grow();
  }

  #grow(): void {
    const { clock, maxSessions, openTunnel } = this.#options;
    if (this.#phase === 'closed' || this.#usable.size >= maxSessions || this.#tunnelling !== null) return;
    for (const connection of this.#usable) if (connection.connecting) return;
    if (this.#usable.size > 0 && clock.now() < this.#growAfter) return;
    if (openTunnel === undefined) this.#connect(null);
    else this.#connectThrough(openTunnel);
  }

  #connect(tunnel: Socket | null): void {
    const events = {
      onRoom: () => this.#serve(),
      onDraining: () => {
        this.#retire(connection);
        this.#serve();
      },
      onGone: (error: Error) => this.#forget(connection, error),
    };
    const connection: Connection = new Connection(this.#endpoint, this.#options, events, tunnel);
    this.#usable.add(connection);
  }

  #connectThrough(openTunnel: OpenTunnel): void {
    const tunnelling = new AbortController();
    this.#tunnelling = tunnelling;
    openTunnel(this.#endpoint, tunnelling.signal).then(
      (tunnel) => {
        this.#tunnelling = null;
        const isUsed = this.#phase === 'open' || this.#waiters.size > 0;
        if (isUsed) this.#connect(tunnel);
        else tunnel.on('error', () => {}).destroy();
        this.#settle();
      },
      (error: Error) => {
        this.#tunnelling = null;
        this.#failed(error);
        this.#serve();
      },
    );
  }

  #retire(connection: Connection): void {
    this.#usable.delete(connection);
    this.#draining.add(connection);
  }

  #forget(connection: Connection, error: Error): void {
    this.#usable.delete(connection);
    this.#draining.delete(connection);
    if (!connection.established) this.#failed(error);
    this.#serve();
  }

  /** A connect has failed. */
  #failed(error: Error): void {
    const { clock, connectTimeoutMs } = this.#options;
    this.#growAfter = clock.now() + connectTimeoutMs;
    if (this.#usable.size === 0) this.#failWaiters(error);
  }

  #failWaiters(error: Error): void {
    for (const waiter of this.#waiters) waiter.fail(error);
    this.#waiters.clear();
  }

  /** Closes connections without a use, and reports when none is left. */
  #settle(): void {
    if (this.#waiters.size > 0) return;
    if (this.#phase !== 'open') {
      for (const connection of this.#all()) connection.close();
      this.#tunnelling?.abort();
    }
    if (this.#usable.size + this.#draining.size > 0 || this.#tunnelling !== null) return;
    if (this.#phase !== 'open') this.#empty.resolve();
    this.#onEmpty();
  }
}
