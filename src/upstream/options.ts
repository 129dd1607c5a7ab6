import { z } from 'zod';
import { HEADER_NAME, NEVER_FORWARDED } from '../request/headers.ts';
import { POLICY } from './balance/policy-option.ts';
import {
  PROBES,
  type ProbeOptions,
  type ProbeSettings,
  REPORTS,
  type ReportOptions,
  type ReportSettings,
} from './load/load-options.ts';
import {
  atLeast,
  type Fix,
  group,
  listOption,
  milliseconds,
  named,
  offByDefault,
  oneOfOption,
  option,
  ordered,
  orOff,
  percentileOption,
  positiveOption,
  shareAboveNone,
  shareOption,
  whole,
} from './option-kinds.ts';
import { QUOTA, type QuotaOptions, type QuotaSettings } from './quota/quota-options.ts';
import { ROUTING, type RoutingOptions, type RoutingSettings } from './routing/route-options.ts';
import { THROTTLE, type ThrottleOptions, type ThrottleSettings } from './throttle/throttle-options.ts';

/*
 * Options of an upstream that its layers read. The line of an option is its type, check and default; its comment is the
 * author's help, and its row in docs/traffic.md: `<meaning>. Default <default>: <reason for it>.`
 */

const BALANCE = group({
  /**
   * [Choice of an endpoint](#balancing). Default `peak-ewma`: finds slow and failing endpoints without a configured
   * threshold.
   */
  policy: POLICY.default('peak-ewma'),
  /**
   * Panic threshold: below this share of usable endpoints all of them are used, healthy or not; 0 for never. Default
   * 0.5: Envoy's and Finagle's: if so many fail together, the gateway is more likely the cause.
   */
  panicThreshold: shareOption.default(0.5),
  /**
   * Time in which a new or recovered endpoint reaches its full share, linearly from a tenth; 0 for immediately. Default
   * 10,000: caches and compilers warm up in seconds.
   */
  slowStartMs: milliseconds(0).default(10_000),
  /**
   * The largest share of endpoints that circuits may exclude, one at least. Default 0.5: one endpoint of three, two of
   * four.
   */
  maxEjected: shareOption.default(0.5),
  /**
   * Multiple of its share of calls that a priority can carry before the next one takes the rest. Default 1.4: Envoy's.
   */
  overprovisioning: atLeast(1).default(1.4),
  /**
   * `true`: only endpoints of the gateway's own [region](routing.md#regions) are used, whatever fails. Default false:
   * endpoints of other regions come last.
   */
  residency: oneOfOption(true, false).default(false),
  /**
   * Number of endpoints that this gateway uses of [a longer list](#apertures). Default all: a connection to each of a
   * hundred endpoints costs little.
   */
  aperture: whole(1).optional(),
  /** Settings of the policy [`probing`](#probing). Default as below. */
  probes: named<ProbeSettings, ProbeOptions>(PROBES).prefault({}),
  /** Settings of the policy [`load-reports`](#load-reports). Default as below. */
  reports: named<ReportSettings, ReportOptions>(REPORTS).prefault({}),
}).superRefine(({ policy, aperture }, { addIssue }) => {
  if (aperture === undefined || typeof policy === 'string') return;
  const message = 'remove it: with hash, gateways with different endpoints would send one caller to different ones';
  addIssue({ code: 'custom', path: ['aperture'], params: { shown: String(aperture) }, message });
});

/** REST has no reports outside of answers. */
const REST_BALANCE = BALANCE.superRefine(({ reports }, { addIssue }) => {
  if (reports.outOfBandMs > 0)
    addIssue({
      code: 'custom',
      path: ['reports', 'outOfBandMs'],
      params: { shown: String(reports.outOfBandMs) },
      message: 'remove it: only gRPC has such reports',
    });
});

const CIRCUIT = group({
  /**
   * Opens after this many failures in a row, or errors of [several routes and callers](#circuits). Default 5: Envoy's
   * and Finagle's.
   */
  consecutiveFailures: whole(1).default(5),
  /**
   * Opens if this share of the calls in the window had an error or a failure, and the same share of the routes and of
   * the callers had one. Default 0.6: most of them: one bad route or caller is no bad endpoint.
   */
  failureRatio: shareAboveNone.default(0.6),
  /** The minimum of calls in the window for `failureRatio` to apply. Default 20: three of five is chance. */
  minCalls: whole(1).default(20),
  /** Length of the window for `failureRatio`. Default 10,000. */
  windowMs: milliseconds(1).default(10_000),
  /**
   * First time in the open state; doubled each time that a probe fails. Default 1,000: Linkerd's: a restart is noticed
   * in a second.
   */
  openMs: milliseconds(1).default(1_000),
  /** Longest time in the open state. Default 60,000: Linkerd's: a probe a minute costs nothing. */
  maxOpenMs: milliseconds(1).default(60_000),
  /** Concurrent calls allowed while half-open. Default 1: every failing probe is a client's read. */
  halfOpenProbes: whole(1).default(1),
  /** Successes while half-open that close the circuit. Default 1: slow start follows. */
  successesToClose: whole(1).default(1),
  /**
   * `route`: one circuit for each route of an endpoint, 200 at most. Default `endpoint`: usually the whole process is
   * broken.
   */
  per: oneOfOption('endpoint', 'route').default('endpoint'),
}).superRefine(ordered('openMs', 'maxOpenMs'));

const retry = (status: Fix) =>
  group({
    /** The most attempts of one call, including the first. Default 3: more than three replicas rarely help. */
    attempts: whole(1).default(3),
    /**
     * [Statuses for which a read is retried](#retries), in addition to lost connections and timeouts; replaces the
     * whole list. Default 429, 502, 503, 504; `UNAVAILABLE`, `RESOURCE_EXHAUSTED`: statuses that mean "not now", never
     * "not this".
     */
    statuses: listOption<number | string>(status).default([429, 502, 503, 504, 'UNAVAILABLE', 'RESOURCE_EXHAUSTED']),
    /** The shortest wait before another attempt. Default 10: the next attempt goes to another endpoint. */
    baseMs: milliseconds(0).default(10),
    /** The longest wait that the backend did not request. Default 250: Envoy's. */
    maxMs: milliseconds(0).default(250),
    /**
     * Further attempts, hedges included, as a share of the calls of the last ten seconds. Default 0.2: Finagle's: an
     * outage becomes 1.2 times the load, never 3.
     */
    budgetRatio: shareOption.default(0.2),
    /** Further attempts a second that are always allowed. Default 10: Finagle's: with few calls a share is nothing. */
    budgetPerSecond: atLeast(0).default(10),
  }).superRefine(ordered('baseMs', 'maxMs'));

const HEDGE = group({
  /**
   * A read that takes longer than this share of reads is sent a second time. Default 0.95: "The Tail at Scale": one
   * read in twenty.
   */
  percentile: percentileOption.default(0.95),
  /** Earliest time of the second attempt. Default 5: shorter delays are noise of the network. */
  minDelayMs: milliseconds(0).default(5),
});

const ADAPTIVE = group({
  /** Lower bound. Default 3: Envoy's. */
  minConcurrency: whole(1).default(3),
  /** Upper bound. Default `limits.inFlight`. */
  maxConcurrency: whole(1).optional(),
});

const LIMITS = group({
  /**
   * Connections to one endpoint; gRPC opens a second one only if the server limits the streams of the first. Default
   * 256 for REST, 4 for gRPC: HTTP/1.1 carries one call a connection.
   */
  connections: whole(1).optional(),
  /** Calls of the upstream in flight at one time. Default 1,024: Envoy's. */
  inFlight: whole(1).default(1_024),
  /** Calls that wait for a call in flight to end; 0 for none. Default 1,024: Envoy's. */
  pending: whole(0).default(1_024),
  /** A connection is replaced after this many calls. Default never. */
  callsPerConnection: whole(1).optional(),
  /** A connection is replaced at this age; set it if a network balancer is in between. Default never. */
  connectionAgeMs: milliseconds(1).optional(),
  /** `true`, or its two bounds: [finds the number of calls that does not slow the backend](#limits). Default off. */
  adaptive: offByDefault<z.output<typeof ADAPTIVE>, AdaptiveOptions>(ADAPTIVE),
})
  .transform(({ adaptive, ...limits }) => ({
    ...limits,
    adaptive: adaptive && { ...adaptive, maxConcurrency: adaptive.maxConcurrency ?? limits.inFlight },
  }))
  .superRefine(({ adaptive }, context) => {
    if (adaptive !== null) ordered('minConcurrency', 'maxConcurrency', ['adaptive'])(adaptive, context);
  });

/** Checks of endpoints in the background. */
export const CHECKS = {
  /**
   * Time between checks, each up to a tenth shorter or longer; 100 at least. Default 10,000: circuits are faster;
   * checks are for endpoints without calls.
   */
  intervalMs: milliseconds(100).default(10_000),
  /** A check that takes longer has failed. Default 1,000. */
  timeoutMs: milliseconds(1).default(1_000),
  /** Failed checks in a row that take an endpoint out. Default 3: HAProxy's. */
  fall: whole(1).default(3),
  /** Passed checks in a row that bring an endpoint back. Default 2: HAProxy's. */
  rise: whole(1).default(2),
};
const CHECK = z.object(CHECKS);

/** Header names with another meaning in every call. */
const TAKEN: ReadonlySet<string> = new Set([
  ...NEVER_FORWARDED,
  'accept',
  'accept-encoding',
  'authorization',
  'cookie',
  'idempotency-key',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-forwarded-for',
  'x-request-id',
]);

const ownHeaderFix: Fix = (value) => {
  if (value === false) return null;
  if (typeof value !== 'string' || !HEADER_NAME.test(value)) return 'use the name of a header, or false';
  return TAKEN.has(value.toLowerCase()) ? 'use another header: this one has a meaning already' : null;
};

/** Traffic options of an upstream. `status` checks one of its protocol's statuses. */
export const trafficOptions = (status: Fix, protocol: 'rest' | 'grpc') => ({
  /**
   * Timeout of one attempt; never longer than the remaining time of the request. Default 2,000: leaves time for a
   * second attempt in a request of ten seconds.
   */
  timeoutMs: positiveOption.default(2_000),
  /**
   * A larger response is `UPSTREAM_RESPONSE_TOO_LARGE`, as received or decompressed; so is, whatever the option, a gRPC
   * message that would decode to more than 64 MiB of messages, lists, maps and numbers. Default 10 MiB for REST, 4 MiB
   * for gRPC: gRPC's own default; more than any page needs. Two bytes can be a whole empty message, so that 4 MiB
   * become a gigabyte; honest messages of that size need half of the 64 MiB at most.
   */
  maxResponseBytes: positiveOption.optional(),
  balance: named<BalanceSettings, BalanceOptions>(protocol === 'grpc' ? BALANCE : REST_BALANCE).prefault({}),
  /** [Routes of calls to subsets of the endpoints](routing.md). Absent: every call may go to every endpoint. */
  routing: named<RoutingSettings, RoutingOptions>(ROUTING).optional(),
  /** One circuit for each endpoint; false for none. */
  circuit: orOff<CircuitSettings, CircuitOptions>(CIRCUIT).prefault({}),
  /** Retries of reads, and of calls that were never sent; false for none. */
  retry: orOff<RetrySettings, RetryOptions>(retry(status)).prefault({}),
  /** A second attempt of a slow read; true for its defaults. */
  hedge: offByDefault<HedgeSettings, HedgeOptions>(HEDGE),
  /** Refuses a share of the calls while the backend rejects most of them; true for its defaults. */
  throttle: offByDefault<ThrottleSettings, ThrottleOptions>(THROTTLE),
  limits: named<LimitSettings, LimitOptions>(LIMITS).prefault({}),
  /** Calls that the provider of the API allows, [for all gateways together](egress.md#provider-quotas). Absent: no limit. */
  quota: named<QuotaSettings, QuotaOptions>(QUOTA).optional(),
  /**
   * REST: the header with the remaining milliseconds; `false` for none. gRPC has `grpc-timeout`. Default
   * `x-envoy-expected-rq-timeout-ms`: backends behind Envoy know it.
   */
  deadlineHeader: option<string | false>(ownHeaderFix)
    .transform((name) => (name === false ? null : name.toLowerCase()))
    .default('x-envoy-expected-rq-timeout-ms'),
  /**
   * REST: the header with the number of the attempt, 1 for the first; `false` for none. gRPC has
   * `grpc-previous-rpc-attempts`. Default `x-envoy-attempt-count`: backends behind Envoy know it.
   */
  attemptHeader: option<string | false>(ownHeaderFix)
    .transform((name) => (name === false ? null : name.toLowerCase()))
    .default('x-envoy-attempt-count'),
});
const TRAFFIC = z.object(trafficOptions(() => null, 'grpc'));

export interface BalanceOptions extends z.input<typeof BALANCE> {}
export interface CircuitOptions extends z.input<typeof CIRCUIT> {}
export interface RetryOptions extends z.input<ReturnType<typeof retry>> {}
export interface HedgeOptions extends z.input<typeof HEDGE> {}
export interface AdaptiveOptions extends z.input<typeof ADAPTIVE> {}
export interface LimitOptions extends z.input<typeof LIMITS> {}
export interface CheckOptions extends z.input<typeof CHECK> {}
export interface TrafficOptions extends z.input<typeof TRAFFIC> {}

// Options with all defaults; null for a disabled feature.
export interface BalanceSettings extends z.output<typeof BALANCE> {}
export interface CircuitSettings extends z.output<typeof CIRCUIT> {}
export interface RetrySettings extends z.output<ReturnType<typeof retry>> {}
export interface HedgeSettings extends z.output<typeof HEDGE> {}
export interface LimitSettings extends z.output<typeof LIMITS> {}
export type AdaptiveSettings = NonNullable<LimitSettings['adaptive']>;
export interface CheckSettings extends z.output<typeof CHECK> {}
export interface TrafficSettings extends z.output<typeof TRAFFIC> {}

/** Budget of an upstream without retries, for its hedges. */
export const RETRY_DEFAULTS: RetrySettings = retry(() => null).parse({});

export const trafficSettings = (options: TrafficOptions = {}): TrafficSettings => TRAFFIC.parse(options);
export const checkSettings = (options: CheckOptions): CheckSettings => CHECK.parse(options);
