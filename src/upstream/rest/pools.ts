import { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { Clock } from '../../core/clock.ts';
import type { EgressProxy } from '../egress/egress-proxy.ts';
import { proxiedConnection } from '../egress/proxied-connection.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { LimitSettings } from '../options.ts';
import { type ConnectorOptions, connectorTo } from './connector.ts';
import { takeContinue } from './interim.ts';

export type ConnectionLimits = Pick<LimitSettings, 'connections' | 'callsPerConnection' | 'connectionAgeMs'>;

export interface PoolsOptions extends ConnectorOptions {
  readonly limits: ConnectionLimits;
  /** Proxy of all connections. Default: direct connections. */
  readonly proxy?: EgressProxy;
  readonly clock: Clock;
}

/** The connections to one URL and address. */
export interface Connections {
  readonly pool: Dispatcher;
  /** Path of the endpoint's URL, without a trailing slash. */
  readonly basePath: string;
}

interface PoolEntry extends Connections {
  readonly key: string;
  readonly pool: Pool;
  readonly isSecure: boolean;
  /** Endpoints that use this pool. */
  readonly users: Set<Endpoint>;
}

/** Connections to one endpoint. Default; a module may set another. */
export const MAX_CONNECTIONS = 256;
/**
 * Milliseconds by which a connection is closed before the idle timeout that its server announced: the server's close
 * takes a while to arrive.
 */
const KEEP_ALIVE_MARGIN_MS = 1_000;

/** Time in milliseconds that calls in flight have on connections with certificates that were replaced. */
const RENEWAL_MS = 900_000;

/** Parts of a wait for a new connection, in milliseconds. */
export interface ConnectWaits {
  readonly connectMs: number;
  /** Lookup of the endpoint's name; 0 for an address. */
  readonly resolveMs: number;
}

/** A connection that carries one request at a time. */
export interface RequestConnection {
  /** Bytes that were written and have not been passed to the system yet. */
  readonly unsentBytes: number;
}

/** A handler that is told about the connection of its request. */
export interface ConnectionObserver extends Dispatcher.DispatchHandler {
  /** Set for a request on a connection that was idle before. */
  usesIdleConnection: boolean;
  /** The connection; null if it may be one of HTTP/2, which carries many requests. */
  connection: RequestConnection | null;
  /** Called once a connection for the request has been opened, or has failed, with the parts of the wait for it. */
  connectEnded(waits: ConnectWaits): void;
}

/** Minimum time in milliseconds without a request for a connection to be idle: idle timeouts of servers are far longer. */
const MIN_IDLE_MS = 20;

const isObserver = (handler: Dispatcher.DispatchHandler): handler is ConnectionObserver =>
  'usesIdleConnection' in handler;

interface ConnectEvents {
  /** The lookup of a name has taken so many milliseconds. */
  resolved(ms: number): void;
  opened(socket: Socket): void;
}

/** The connector, with events. */
const watchedConnector = (
  connect: Client.Options['connect'],
  { resolved, opened }: ConnectEvents,
  clock: Clock,
): buildConnector.connector => {
  const connector = typeof connect === 'function' ? connect : buildConnector(connect);
  return (options, connected) => {
    const since = clock.now();
    // Undeclared: the connector returns its socket.
    const socket: unknown = connector(options, (...result) => {
      const [, open] = result;
      if (open !== null) opened(open);
      connected(...result);
    });
    if (socket instanceof Socket) socket.once('lookup', () => resolved(clock.now() - since));
  };
};

/**
 * A client with one connection at a time. A request on a connection older than `ageMs` is that connection's last and
 * carries `connection: close`. Null: connections have no maximum age.
 */
class TrackedClient extends Client implements RequestConnection {
  readonly #clock: Clock;
  readonly #isHttp1: boolean;
  #socket: Socket | null = null;
  readonly #ageMs: number | undefined;
  /** Time of the connect; null without a connection. */
  #since: number | null = null;
  /** Time at which the connection last became free. */
  #freeSince = 0;
  /** The request that waits for a connection, and since when. */
  #waiting: ConnectionObserver | null = null;
  #waitingSince = 0;
  #resolveMs = 0;

  constructor(origin: URL, options: Client.Options, ageMs: number | undefined, clock: Clock) {
    const events: ConnectEvents = {
      resolved: (ms) => {
        this.#resolveMs = ms;
      },
      opened: (socket) => {
        this.#socket = socket;
      },
    };
    super(origin, { ...options, connect: watchedConnector(options.connect, events, clock) });
    this.#clock = clock;
    this.#isHttp1 = options.allowH2 === false;
    this.#ageMs = ageMs;
    this.on('connect', () => {
      this.#since = clock.now();
      this.#connectEnded();
    });
    this.on('connectionError', () => this.#connectEnded());
    this.on('disconnect', () => {
      this.#since = null;
      this.#socket = null;
    });
    this.on('drain', () => {
      this.#freeSince = clock.now();
    });
  }

  get unsentBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#isHttp1 && isObserver(handler)) handler.connection = this;
    if (this.#since === null) {
      this.#connecting(handler);
      return super.dispatch(options, handler);
    }
    const now = this.#clock.now();
    if (isObserver(handler)) handler.usesIdleConnection = now - this.#freeSince >= MIN_IDLE_MS;
    const isOfAge = this.#ageMs !== undefined && now - this.#since >= this.#ageMs;
    return super.dispatch(isOfAge ? { ...options, reset: true } : options, handler);
  }

  #connecting(handler: Dispatcher.DispatchHandler): void {
    if (!isObserver(handler) || this.#waiting !== null) return;
    this.#waiting = handler;
    this.#waitingSince = this.#clock.now();
    this.#resolveMs = 0;
  }

  #connectEnded(): void {
    const resolveMs = this.#resolveMs;
    this.#waiting?.connectEnded({ connectMs: this.#clock.now() - this.#waitingSince - resolveMs, resolveMs });
    this.#waiting = null;
  }
}

/** Origin and connector of the connections to an endpoint, through the proxy if there is one. */
const connectionTo = (endpoint: Endpoint, options: PoolsOptions) => {
  const connect = connectorTo(endpoint, options);
  const { proxy, connectTimeoutMs: timeoutMs, clock } = options;
  if (proxy === undefined) return { origin: endpoint.url.origin, connect };
  return proxiedConnection(proxy, endpoint, { timeoutMs, clock }, connect);
};

const poolTo = (endpoint: Endpoint, options: PoolsOptions): Pool => {
  const { limits, http2, clock } = options;
  const { connections, callsPerConnection, connectionAgeMs: ageMs } = limits;
  const { origin: target, connect } = connectionTo(endpoint, options);
  const pool = new Pool(target, {
    connect,
    connections: connections ?? MAX_CONNECTIONS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    allowH2: http2,
    // The timeout layer has the time limits. undici's own would be second ones with other errors.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(callsPerConnection === undefined ? {} : { maxRequestsPerClient: callsPerConnection }),
    factory: (origin, each) => new TrackedClient(origin, each, ageMs, clock),
    // HTTP/2 has no `connection: close` for the last call. `clientTtl` replaces the connection while its calls end.
    ...(ageMs === undefined || !http2 ? {} : { clientTtl: ageMs }),
  });
  pool.on('connect', (_origin, [, client]) => {
    if (client !== undefined) takeContinue(client);
  });
  return pool;
};

const keyOf = ({ url, ip }: Endpoint): string => `${url.origin}${url.pathname} ${ip ?? ''}`;

/** Pools of kept-alive connections, one for each URL and address, opened at its first use. */
export class Pools {
  readonly #options: PoolsOptions;
  readonly #entries = new Map<string, PoolEntry>();
  readonly #known = new WeakMap<Endpoint, PoolEntry>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  /**
   * Returns the connections of an endpoint. Endpoints with the same URL and address share them, whatever their other
   * properties.
   */
  to(endpoint: Endpoint): Connections {
    const known = this.#known.get(endpoint);
    if (known !== undefined) return known;
    const key = keyOf(endpoint);
    const entry = this.#entries.get(key) ?? this.#open(key, endpoint);
    entry.users.add(endpoint);
    this.#known.set(endpoint, entry);
    return entry;
  }

  /**
   * Closes the connections to an endpoint once their calls have ended; resolves when they are closed. Endpoints that
   * share the pool open a new one at their next call.
   */
  async release(endpoint: Endpoint): Promise<void> {
    const entry = this.#entries.get(keyOf(endpoint));
    if (entry !== undefined) await this.#close(entry);
  }

  /**
   * Closes the connections to `https:` endpoints once their calls have ended, fifteen minutes later at most. New calls open new
   * ones.
   */
  renewSecure(): void {
    for (const entry of this.#entries.values()) {
      if (!entry.isSecure) continue;
      const limit = this.#options.clock.after(RENEWAL_MS, () => void entry.pool.destroy());
      void this.#close(entry).finally(() => limit.cancel());
    }
  }

  async close(): Promise<void> {
    for (const entry of this.#entries.values()) void this.#close(entry);
    await Promise.all(this.#closing);
  }

  #open(key: string, endpoint: Endpoint): PoolEntry {
    const basePath = endpoint.url.pathname.replace(/\/$/, '');
    const isSecure = endpoint.url.protocol === 'https:';
    const entry = { key, basePath, isSecure, pool: poolTo(endpoint, this.#options), users: new Set<Endpoint>() };
    this.#entries.set(key, entry);
    return entry;
  }

  #close(entry: PoolEntry): Promise<void> {
    this.#entries.delete(entry.key);
    for (const endpoint of entry.users) this.#known.delete(endpoint);
    const closing = entry.pool.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }
}
