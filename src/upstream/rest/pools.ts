import type { SecureContextOptions } from 'node:tls';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { Clock } from '../../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import type { LimitSettings } from '../traffic.ts';
import { takeContinue } from './interim.ts';

export type ConnectionLimits = Pick<LimitSettings, 'connections' | 'callsPerConnection' | 'connectionAgeMs'>;

export interface PoolsOptions {
  /** How long a new connection may take, its TLS handshake included, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly limits: ConnectionLimits;
  readonly http2: boolean;
  readonly tls: SecureContextOptions;
  readonly clock: Clock;
}

/** The connections to one place. */
export interface Connections {
  readonly pool: Dispatcher;
  /** The path of the endpoint's URL, without a slash at its end. */
  readonly basePath: string;
}

interface Place extends Connections {
  readonly key: string;
  readonly pool: Pool;
  /** The endpoints that are this place. */
  readonly users: Set<Endpoint>;
}

/** To one endpoint, unless the module says otherwise. */
export const MAX_CONNECTIONS = 256;
/** A server closes an idle connection when it said it would, and its word takes a while: ours is given up this much earlier. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

/** A handler that learns whether its request goes out on a connection that was open before. */
export interface ConnectionObserver extends Dispatcher.DispatchHandler {
  reusesConnection: boolean;
}

/**
 * One connection at a time. A request on a connection older than `ageMs` is that connection's last and carries
 * `connection: close`. Null: connections have no maximum age.
 */
class TrackedClient extends Client {
  readonly #clock: Clock;
  readonly #ageMs: number | null;
  /** Time of the connect; null while there is no connection. */
  #since: number | null = null;

  constructor(origin: URL, options: Client.Options, ageMs: number | null, clock: Clock) {
    super(origin, options);
    this.#clock = clock;
    this.#ageMs = ageMs;
    this.on('connect', () => {
      this.#since = clock.now();
    });
    this.on('disconnect', () => {
      this.#since = null;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#since === null) return super.dispatch(options, handler);
    if ('reusesConnection' in handler) handler.reusesConnection = true;
    const isOfAge = this.#ageMs !== null && this.#clock.now() - this.#since >= this.#ageMs;
    return super.dispatch(isOfAge ? { ...options, reset: true } : options, handler);
  }
}

const connectorTo = ({ ip }: Endpoint, { tls, http2, connectTimeoutMs }: PoolsOptions): buildConnector.connector => {
  const connector = buildConnector({ ...tls, allowH2: http2, timeout: connectTimeoutMs });
  // The name stays what the certificate is for, and what `host` says; only nobody is asked where it is.
  return ip === null ? connector : (options, connected) => connector({ ...options, hostname: ip }, connected);
};

const poolTo = (endpoint: Endpoint, options: PoolsOptions): Pool => {
  const { limits, http2, clock } = options;
  const { connections, callsPerConnection, connectionAgeMs: ageMs } = limits;
  const pool = new Pool(endpoint.url.origin, {
    connect: connectorTo(endpoint, options),
    connections: connections ?? MAX_CONNECTIONS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    allowH2: http2,
    // Time limits are the stack's business: undici's own would be second ones, with other errors.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(callsPerConnection === null ? {} : { maxRequestsPerClient: callsPerConnection }),
    factory: (origin, each) => new TrackedClient(origin, each, ageMs, clock),
    // No call can be the last one on a connection of HTTP/2: it ends its calls beside its successor.
    ...(ageMs === null || !http2 ? {} : { clientTtl: ageMs }),
  });
  pool.on('connect', (_origin, [, client]) => {
    if (client !== undefined) takeContinue(client);
  });
  return pool;
};

const keyOf = ({ url, ip }: Endpoint): string => `${url.origin}${url.pathname} ${ip ?? ''}`;

/** A pool of kept-alive connections for each place that endpoints name, opened when it is first asked for. */
export class Pools {
  readonly #options: PoolsOptions;
  readonly #places = new Map<string, Place>();
  readonly #known = new WeakMap<Endpoint, Place>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  /** Endpoints of the same URL and address share connections, whatever else is said of them. */
  to(endpoint: Endpoint): Connections {
    const known = this.#known.get(endpoint);
    if (known !== undefined) return known;
    const key = keyOf(endpoint);
    const place = this.#places.get(key) ?? this.#open(key, endpoint);
    place.users.add(endpoint);
    this.#known.set(endpoint, place);
    return place;
  }

  /**
   * Closes the connections to an endpoint's place once their calls have ended; resolves when they are closed. Whatever else
   * was said of that place at other times was the same place.
   */
  async release(endpoint: Endpoint): Promise<void> {
    const place = this.#places.get(keyOf(endpoint));
    if (place !== undefined) await this.#close(place);
  }

  async close(): Promise<void> {
    for (const place of this.#places.values()) void this.#close(place);
    await Promise.all(this.#closing);
  }

  #open(key: string, endpoint: Endpoint): Place {
    const basePath = endpoint.url.pathname.replace(/\/$/, '');
    const place = { key, basePath, pool: poolTo(endpoint, this.#options), users: new Set<Endpoint>() };
    this.#places.set(key, place);
    return place;
  }

  #close(place: Place): Promise<void> {
    this.#places.delete(place.key);
    for (const endpoint of place.users) this.#known.delete(endpoint);
    const closing = place.pool.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }
}
