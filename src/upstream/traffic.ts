/** Which endpoint takes the next attempt. */
export type BalancePolicy =
  /** The quicker of two endpoints drawn by weight, where failures and 429 count as slow (Linkerd's and Finagle's peak EWMA). */
  | 'peak-ewma'
  /** Of two endpoints drawn by weight, the one with fewer attempts in flight. */
  | 'least-request'
  /** Each in its turn, by weight, spread evenly (nginx's smooth weighted round robin). */
  | 'round-robin'
  | 'random'
  /** Equal values go to one endpoint as long as it takes them; a call without the value goes anywhere. */
  | { readonly hash: StickyBy };

/** What keeps a caller at one endpoint: a header of the client's request, a claim of the token, or the client's address. */
export type StickyBy = 'client' | { readonly header: string } | { readonly claim: string };

export interface BalanceOptions {
  /** Default `peak-ewma`. */
  readonly policy?: BalancePolicy;
  /** Below this share of usable endpoints all of them are used, well or not. 0 switches it off. Default 0.5. */
  readonly panicThreshold?: number;
  /** How long an endpoint that is new or back takes to get its full share, in milliseconds. Default 10,000. */
  readonly slowStartMs?: number;
  /** Largest share of the endpoints that circuits may keep out while others of them still answer. Default 0.5. */
  readonly maxEjected?: number;
  /** How many times its share of calls a priority can carry; the rest goes to the next one. Default 1.4. */
  readonly overprovisioning?: number;
}

export interface CircuitOptions {
  /** Opens after this many failures in a row. Default 5. */
  readonly consecutiveFailures?: number;
  /** Opens when at least this share of the calls in the window failed. Default 0.6. */
  readonly failureRatio?: number;
  /** The least number of calls in the window for `failureRatio` to mean anything. Default 20. */
  readonly minCalls?: number;
  /** What `failureRatio` looks back on, in milliseconds. Default 10,000. */
  readonly windowMs?: number;
  /** How long it stays open the first time, in milliseconds; doubled each time that a probe fails. Default 1,000. */
  readonly openMs?: number;
  /** The longest that it stays open. Default 60,000. */
  readonly maxOpenMs?: number;
  /** Calls let through at one time while half-open. Default 1. */
  readonly halfOpenProbes?: number;
  /** Successes while half-open that close it. Default 1. */
  readonly successesToClose?: number;
  /** Whether an endpoint has one circuit, or one for each route. Default `endpoint`. */
  readonly per?: 'endpoint' | 'route';
}

export interface RetryOptions {
  /** The most attempts of one call, the first included. Default 3. */
  readonly attempts?: number;
  /**
   * What a read is tried again for beside lost connections and time limits: HTTP statuses, or names of gRPC statuses.
   * Default 429, 502, 503, 504; `UNAVAILABLE`, `RESOURCE_EXHAUSTED`.
   */
  readonly statuses?: readonly (number | string)[];
  /** The shortest wait before another attempt, in milliseconds; the longest grows from it (decorrelated jitter). Default 10. */
  readonly baseMs?: number;
  /** The longest wait that is not the backend's own wish. Default 250. */
  readonly maxMs?: number;
  /** Further attempts, hedges included, as a share of the calls. Default 0.2. */
  readonly budgetRatio?: number;
  /** Further attempts a second that are always allowed. Default 10. */
  readonly budgetPerSecond?: number;
}

export interface HedgeOptions {
  /** A read that takes longer than this share of them is sent a second time, elsewhere. Default 0.95. */
  readonly percentile?: number;
  /** Never earlier than this, in milliseconds. Default 5. */
  readonly minDelayMs?: number;
}

export interface AdaptiveOptions {
  /** Default 3. */
  readonly minConcurrency?: number;
  /** Default: `inFlight`. */
  readonly maxConcurrency?: number;
}

export interface LimitOptions {
  /** Connections to one endpoint. Default 256 for REST, 4 for gRPC. */
  readonly connections?: number;
  /** Calls of the upstream at one time. Default 1,024. */
  readonly inFlight?: number;
  /** Calls that wait for one of these to end; more are SERVICE_UNAVAILABLE at once. Default 1,024. */
  readonly pending?: number;
  /** A connection is replaced after this many calls. Default: never. */
  readonly callsPerConnection?: number;
  /** A connection is replaced at this age, in milliseconds. Default: never. */
  readonly connectionAgeMs?: number;
  /** Finds the number of calls at one time that does not make them slower (the gradient of latency). Default: off. */
  readonly adaptive?: boolean | AdaptiveOptions;
}

export interface CheckOptions {
  /** Default 10,000; each wait is up to a tenth shorter or longer. */
  readonly intervalMs?: number;
  /** Default 1,000. */
  readonly timeoutMs?: number;
  /** Failed checks in a row that take an endpoint out. Default 3. */
  readonly fall?: number;
  /** Good checks in a row that bring it back. Default 2. */
  readonly rise?: number;
}

/** How calls to one upstream are spread, tried and bounded. Every option may be left out. */
export interface TrafficOptions {
  readonly balance?: BalanceOptions;
  /** One for each endpoint; false for none. */
  readonly circuit?: CircuitOptions | false;
  /** Of reads, and of whatever never left this process; false for none. */
  readonly retry?: RetryOptions | false;
  /** Default: none. */
  readonly hedge?: HedgeOptions | boolean;
  readonly limits?: LimitOptions;
  /** The header that tells a REST backend how many milliseconds it has; false for none. Default `x-envoy-expected-rq-timeout-ms`. */
  readonly deadlineHeader?: string | false;
}

export type BalanceSettings = Required<BalanceOptions>;
export type CircuitSettings = Required<CircuitOptions>;
export type RetrySettings = Required<Omit<RetryOptions, 'statuses'>> & Pick<RetryOptions, 'statuses'>;
export type HedgeSettings = Required<HedgeOptions>;
export type CheckSettings = Required<CheckOptions>;
export type AdaptiveSettings = Required<AdaptiveOptions>;

export interface LimitSettings {
  /** Null: the wire's own default. */
  readonly connections: number | null;
  readonly inFlight: number;
  readonly pending: number;
  /** Null: no limit. */
  readonly callsPerConnection: number | null;
  readonly connectionAgeMs: number | null;
  readonly adaptive: AdaptiveSettings | null;
}

/** `TrafficOptions` with every default in its place; null for what is switched off. */
export interface TrafficSettings {
  readonly balance: BalanceSettings;
  readonly circuit: CircuitSettings | null;
  readonly retry: RetrySettings | null;
  readonly hedge: HedgeSettings | null;
  readonly limits: LimitSettings;
  readonly deadlineHeader: string | null;
}

/** Carries the milliseconds left, unless the module says otherwise. */
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
