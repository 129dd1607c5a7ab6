/** Policy for choosing an endpoint. */
export type BalancePolicy =
  /**
   * The faster of two endpoints drawn by weight; failures and 429 count as slow (Linkerd's and Finagle's peak EWMA).
   */
  | 'peak-ewma'
  /** The endpoint with fewer attempts in flight, of two drawn by weight. */
  | 'least-request'
  /** Turns by weight, spread evenly (nginx's smooth weighted round robin). */
  | 'round-robin'
  | 'random'
  /** Equal values prefer one endpoint while it accepts calls; a call without the value goes to any. */
  | { readonly hash: StickyBy };

/** Source of the affinity key: a header of the client's request, a claim of the token, or the client's address. */
export type StickyBy = 'client' | { readonly header: string } | { readonly claim: string };

export interface BalanceOptions {
  /** Default `peak-ewma`. */
  readonly policy?: BalancePolicy;
  /**
   * Panic threshold: below this share of usable endpoints, unhealthy ones are used too. 0 disables panic. Default 0.5.
   */
  readonly panicThreshold?: number;
  /** Duration in milliseconds in which a new or recovered endpoint reaches its full share. Default 10,000. */
  readonly slowStartMs?: number;
  /** Maximum share of endpoints that circuits may eject while others still answer. Default 0.5. */
  readonly maxEjected?: number;
  /** Factor by which a priority may exceed its share of calls; the rest goes to the next one. Default 1.4. */
  readonly overprovisioning?: number;
}

export interface CircuitOptions {
  /** Number of failures in a row that open the circuit. Default 5. */
  readonly consecutiveFailures?: number;
  /** Share of failed calls in the window that opens the circuit. Default 0.6. */
  readonly failureRatio?: number;
  /** Minimum number of calls in the window for `failureRatio`. Default 20. */
  readonly minCalls?: number;
  /** Length of the window of `failureRatio` in milliseconds. Default 10,000. */
  readonly windowMs?: number;
  /** Duration of the first opening in milliseconds, doubled after each failed probe. Default 1,000. */
  readonly openMs?: number;
  /** Maximum duration of an opening in milliseconds. Default 60,000. */
  readonly maxOpenMs?: number;
  /** Maximum number of concurrent probes while half-open. Default 1. */
  readonly halfOpenProbes?: number;
  /** Number of successes while half-open that close the circuit. Default 1. */
  readonly successesToClose?: number;
  /** One circuit for each endpoint, or for each of its routes. Default `endpoint`. */
  readonly per?: 'endpoint' | 'route';
}

export interface RetryOptions {
  /** Maximum number of attempts of one call, the first included. Default 3. */
  readonly attempts?: number;
  /**
   * Statuses after which a read is retried, in addition to lost connections and timeouts: HTTP statuses, or names of
   * gRPC statuses. Default 429, 502, 503, 504; `UNAVAILABLE`, `RESOURCE_EXHAUSTED`.
   */
  readonly statuses?: readonly (number | string)[];
  /** Minimum wait before a retry in milliseconds; decorrelated jitter grows from it. Default 10. */
  readonly baseMs?: number;
  /** Maximum wait before a retry in milliseconds, unless the backend sets one. Default 250. */
  readonly maxMs?: number;
  /** Retries and hedges as a share of the calls. Default 0.2. */
  readonly budgetRatio?: number;
  /** Retries and hedges per second that are always allowed. Default 10. */
  readonly budgetPerSecond?: number;
}

export interface HedgeOptions {
  /** A read slower than this share of all reads is sent a second time, to another endpoint. Default 0.95. */
  readonly percentile?: number;
  /** Minimum delay of the second attempt in milliseconds. Default 5. */
  readonly minDelayMs?: number;
}

export interface AdaptiveOptions {
  /** Default 3. */
  readonly minConcurrency?: number;
  /** Default: `inFlight`. */
  readonly maxConcurrency?: number;
}

export interface LimitOptions {
  /** Maximum number of connections to one endpoint. Default 256 for REST, 4 for gRPC. */
  readonly connections?: number;
  /** Maximum number of calls in flight. Default 1,024. */
  readonly inFlight?: number;
  /** Maximum number of queued calls; more are SERVICE_UNAVAILABLE immediately. Default 1,024. */
  readonly pending?: number;
  /** Number of calls after which a connection is replaced. Default: no limit. */
  readonly callsPerConnection?: number;
  /** Age in milliseconds at which a connection is replaced. Default: no limit. */
  readonly connectionAgeMs?: number;
  /** Adapts the number of calls in flight to the latency (gradient). Default: off. */
  readonly adaptive?: boolean | AdaptiveOptions;
}

export interface CheckOptions {
  /** Milliseconds between two checks, plus or minus a tenth. Default 10,000. */
  readonly intervalMs?: number;
  /** Timeout of one check in milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
  /** Failed checks in a row that take an endpoint out. Default 3. */
  readonly fall?: number;
  /** Passed checks in a row that bring it back. Default 2. */
  readonly rise?: number;
}

/** Balancing, retries and limits of calls to one upstream. Every option is optional. */
export interface TrafficOptions {
  readonly balance?: BalanceOptions;
  /** One circuit for each endpoint; false for none. */
  readonly circuit?: CircuitOptions | false;
  /** Retries of reads, and of calls that were never sent; false for none. */
  readonly retry?: RetryOptions | false;
  /** Default: none. */
  readonly hedge?: HedgeOptions | boolean;
  readonly limits?: LimitOptions;
  /**
   * Header with the remaining milliseconds for a REST backend; false for none. Default
   * `x-envoy-expected-rq-timeout-ms`.
   */
  readonly deadlineHeader?: string | false;
}

export type BalanceSettings = Required<BalanceOptions>;
export type CircuitSettings = Required<CircuitOptions>;
export type RetrySettings = Required<Omit<RetryOptions, 'statuses'>> & Pick<RetryOptions, 'statuses'>;
export type HedgeSettings = Required<HedgeOptions>;
export type CheckSettings = Required<CheckOptions>;
export type AdaptiveSettings = Required<AdaptiveOptions>;

export interface LimitSettings {
  /** Null: the transport's default. */
  readonly connections: number | null;
  readonly inFlight: number;
  readonly pending: number;
  /** Null: no limit. */
  readonly callsPerConnection: number | null;
  readonly connectionAgeMs: number | null;
  readonly adaptive: AdaptiveSettings | null;
}

/** `TrafficOptions` with all defaults; null for a disabled feature. */
export interface TrafficSettings {
  readonly balance: BalanceSettings;
  readonly circuit: CircuitSettings | null;
  readonly retry: RetrySettings | null;
  readonly hedge: HedgeSettings | null;
  readonly limits: LimitSettings;
  readonly deadlineHeader: string | null;
}

/** Default header with the remaining milliseconds. */
export const DEADLINE_HEADER = 'x-envoy-expected-rq-timeout-ms';

const BALANCE: BalanceSettings = {
  policy: 'peak-ewma',
  panicThreshold: 0.5,
  slowStartMs: 10_000,
  maxEjected: 0.5,
  overprovisioning: 1.4,
};
const CIRCUIT: CircuitSettings = {
  consecutiveFailures: 5,
  failureRatio: 0.6,
  minCalls: 20,
  windowMs: 10_000,
  openMs: 1_000,
  maxOpenMs: 60_000,
  halfOpenProbes: 1,
  successesToClose: 1,
  per: 'endpoint',
};
export const RETRY_DEFAULTS: RetrySettings = {
  attempts: 3,
  baseMs: 10,
  maxMs: 250,
  budgetRatio: 0.2,
  budgetPerSecond: 10,
};
const HEDGE: HedgeSettings = { percentile: 0.95, minDelayMs: 5 };
const CHECK: CheckSettings = { intervalMs: 10_000, timeoutMs: 1_000, fall: 3, rise: 2 };
const IN_FLIGHT = 1_024;
const PENDING = 1_024;
const MIN_CONCURRENCY = 3;

export const checkSettings = (options: CheckOptions): CheckSettings => ({ ...CHECK, ...options });

const limitSettings = (options: LimitOptions): LimitSettings => {
  const inFlight = options.inFlight ?? IN_FLIGHT;
  const adaptive = options.adaptive === true ? {} : options.adaptive;
  return {
    connections: options.connections ?? null,
    inFlight,
    pending: options.pending ?? PENDING,
    callsPerConnection: options.callsPerConnection ?? null,
    connectionAgeMs: options.connectionAgeMs ?? null,
    adaptive:
      adaptive === undefined || adaptive === false
        ? null
        : { minConcurrency: MIN_CONCURRENCY, maxConcurrency: inFlight, ...adaptive },
  };
};

export const trafficSettings = ({
  balance,
  circuit = {},
  retry = {},
  hedge = false,
  limits = {},
  deadlineHeader = DEADLINE_HEADER,
}: TrafficOptions = {}): TrafficSettings => ({
  balance: { ...BALANCE, ...balance },
  circuit: circuit === false ? null : { ...CIRCUIT, ...circuit },
  retry: retry === false ? null : { ...RETRY_DEFAULTS, ...retry },
  hedge: hedge === false ? null : { ...HEDGE, ...(hedge === true ? {} : hedge) },
  limits: limitSettings(limits),
  deadlineHeader: deadlineHeader === false ? null : deadlineHeader.toLowerCase(),
});
