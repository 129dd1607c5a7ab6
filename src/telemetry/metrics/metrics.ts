import type { Meter, MetricOptions } from '@opentelemetry/api';
import { type Log, silentLog } from '../log/log.ts';
import * as names from '../names.ts';
import { OTHER } from '../names.ts';
import { type EgressMetrics, egressMetrics } from './egress-metrics.ts';
import { type EndpointMetrics, endpointMetrics } from './endpoint-metrics.ts';
import type { Histogram, Histograms } from './histogram.ts';
import { type IdentityMetrics, identityMetrics } from './identity-metrics.ts';
import { type LimitMetrics, limitMetrics } from './limit-metrics.ts';
import { type ListenerMetrics, listenerMetrics } from './listener-metrics.ts';
import { type ReleaseMetrics, releaseMetrics } from './release-metrics.ts';
import { type RouteMetrics, routeMetrics } from './route-metrics.ts';
import { MAX_SERIES } from './series.ts';
import { Tally } from './tally.ts';

/** Label of a metric, for the warning of a full bound. */
export interface BoundedLabel {
  readonly label: string;
  /** Set for labels that are bounded for each upstream. */
  readonly upstream?: string;
  /** Maximum number of different values. */
  readonly max: number;
}

/** Logs that further values count as `other`. The values themselves are not logged: clients choose some of them. */
const warnOfOther = (log: Log, fields: { readonly max: number } & Readonly<Record<string, unknown>>): void =>
  log.warn(`Too many values of a metric label. Later ones count as "${OTHER}".`, fields);

/**
 * Bounds the values of one label: the first `max` different ones are kept, every later one becomes `other`. The first
 * one above the bound is logged. A series lives as long as the process, so that clients and modules must not create any
 * number of them.
 */
const boundedNames = (bound: BoundedLabel, log: Log): ((name: string | null) => string) => {
  const known = new Set<string>();
  let isFull = false;
  return (name) => {
    if (name === null) return OTHER;
    if (known.has(name)) return name;
    if (known.size < bound.max) {
      known.add(name);
      return name;
    }
    if (!isFull) warnOfOther(log, { ...bound });
    isFull = true;
    return OTHER;
  };
};

/** Bounds the values of one label for each upstream separately. */
const boundedByUpstream = (bound: BoundedLabel, log: Log): ((upstream: string, name: string | null) => string) => {
  const bounds = new Map<string, (name: string | null) => string>();
  return (upstream, name) => {
    let one = bounds.get(upstream);
    if (one === undefined) {
      one = boundedNames({ ...bound, upstream }, log);
      bounds.set(upstream, one);
    }
    return one(name);
  };
};

export type CacheVerdict = 'hit' | 'miss' | 'stale' | 'bypass';

/** Together with `other`, two metrics with a series for each name have at most 200 series. */
const MAX_OPERATION_NAMES = 99;

/** More than any list of templates or methods; a module that builds its own paths has one for each value. */
const MAX_ROUTES = 99;

/** More than the gateway's own codes and those of many modules. */
const MAX_CODES = 199;

/** Paths of different fields of an upstream: backends choose the names of properties. */
const MAX_FIELD_PATHS = 50;

const BOUNDARIES_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

const seconds = (ms: number): number => ms / 1_000;

/** Cause of a wait of a call: other calls, a new connection, or the lookup of a name. */
export type WaitCause = 'queue' | 'connect' | 'resolve';

export interface EndedRequest {
  readonly method: string;
  /** Null without a matching route. */
  readonly route: string | null;
  readonly status: number;
  readonly durationMs: number;
}

export interface EndedOperation {
  /** As sent by the client. */
  readonly name: string | null;
  readonly failed: boolean;
  readonly durationMs: number;
}

export interface EndedCall {
  readonly upstream: string;
  readonly route: string;
  /** `ok`, or the error's code. */
  readonly outcome: string;
  /** Class of an HTTP status: `2xx`. */
  readonly statusClass: string | null;
  readonly bytes: number;
}

/** Counters and histograms. Every label has a bounded number of values; further ones are `other`. */
export interface Metrics
  extends ReleaseMetrics,
    EndpointMetrics,
    RouteMetrics,
    EgressMetrics,
    IdentityMetrics,
    ListenerMetrics,
    LimitMetrics {
  requestStarted(): void;
  requestEnded(request: EndedRequest): void;
  operationEnded(operation: EndedOperation): void;
  /** Counts an operation without a plan. */
  fellBack(reason: string): void;
  /** Counts a query for which plan and delegation differ, in `data` or in `errors`. */
  differed(what: string): void;
  /** Counts an error in a response, including codes of modules. */
  errorSent(code: string): void;
  callStarted(upstream: string): void;
  callEnded(call: EndedCall, durationMs: number): void;
  /** Records a wait of a call before it was sent. */
  callWaited(upstream: string, cause: WaitCause, ms: number): void;
  /** Counts one attempt of a call on one endpoint; `outcome` as in `EndedCall`. */
  attempted(upstream: string, outcome: string): void;
  retried(upstream: string, reason: string): void;
  hedged(upstream: string, won: boolean): void;
  /** Counts a call that was not sent. */
  callRefused(upstream: string, reason: string): void;
  circuitChanged(upstream: string, to: string): void;
  cached(verdict: CacheVerdict, count: number): void;
  /** Exports the state of the shared store whenever metrics are read. */
  watchStore(isUp: () => boolean): void;
  /** Exports the estimated bytes of requests in flight whenever metrics are read. */
  watchMemory(bytes: () => number): void;
  /** Exports the number of lost log lines whenever metrics are read. */
  watchLog(dropped: () => number): void;
}

interface Makers {
  readonly meter: Meter;
  durations(name: string, description: string, ...labels: readonly string[]): Histogram;
  counter(name: string, options: MetricOptions, ...labels: readonly string[]): Tally;
}

const makers = (meter: Meter, histograms: Histograms, log: Log): Makers => {
  const warn = (metric: string) => () => warnOfOther(log, { metric, max: MAX_SERIES });
  return {
    meter,
    durations: (name, description, ...labels) =>
      histograms.open({ name, description, unit: 's', boundaries: BOUNDARIES_S, labels }, warn(name)),
    counter: (name, options, ...labels) => new Tally(meter.createObservableCounter(name, options), labels, warn(name)),
  };
};

/** Bounds of the labels with values that clients or modules choose. All other labels have closed sets of values. */
const boundsOf = (log: Log) => ({
  operation: boundedNames({ label: names.ATTR_GRAPHQL_OPERATION_NAME, max: MAX_OPERATION_NAMES }, log),
  code: boundedNames({ label: names.ATTR_CODE, max: MAX_CODES }, log),
  fieldPath: boundedByUpstream({ label: names.ATTR_FIELD_PATH, max: MAX_FIELD_PATHS }, log),
  route: boundedByUpstream({ label: names.ATTR_ROUTE, max: MAX_ROUTES }, log),
});

const ofRequests = ({ meter, durations, counter }: Makers) => ({
  requests: durations(
    names.METRIC_REQUEST_DURATION,
    'Time from the arrival of a request to the end of its response',
    names.ATTR_HTTP_REQUEST_METHOD,
    names.ATTR_HTTP_RESPONSE_STATUS_CODE,
    names.ATTR_HTTP_ROUTE,
  ),
  activeRequests: new Tally(
    meter.createObservableUpDownCounter(names.METRIC_REQUESTS_ACTIVE, { description: 'Requests in flight' }),
    [],
  ),
  operations: durations(
    names.METRIC_OPERATION_DURATION,
    'Time from the selection of an operation to its response',
    names.ATTR_GRAPHQL_OPERATION_NAME,
  ),
  failures: meter.createCounter(names.METRIC_OPERATION_FAILURES, { description: 'Operations with errors' }),
  fallbacks: meter.createCounter(names.METRIC_EXECUTION_FALLBACKS, { description: 'Operations without a plan' }),
  differences: meter.createCounter(names.METRIC_EXECUTION_DIFFERENCES, {
    description: 'Queries with different answers of plan and delegation',
  }),
  // A failed backend adds an error for each row.
  errors: counter(names.METRIC_ERRORS, { description: 'Errors in responses, by code' }, names.ATTR_CODE),
  verdicts: meter.createCounter(names.METRIC_CACHE_VERDICTS, { description: 'Cache results, by key' }),
});

const ofUpstreams = ({ meter, durations, counter }: Makers) => ({
  calls: durations(
    names.METRIC_UPSTREAM_DURATION,
    'Duration of calls to upstreams, successful or not',
    names.ATTR_UPSTREAM,
    names.ATTR_ROUTE,
    names.ATTR_OUTCOME,
    names.ATTR_STATUS_CLASS,
  ),
  waits: durations(
    names.METRIC_UPSTREAM_WAIT,
    'Waits of calls to upstreams before they were sent',
    names.ATTR_UPSTREAM,
    names.ATTR_CAUSE,
  ),
  activeCalls: new Tally(
    meter.createObservableUpDownCounter(names.METRIC_UPSTREAM_ACTIVE, { description: 'Calls in flight' }),
    [names.ATTR_UPSTREAM],
  ),
  bytes: counter(
    names.METRIC_UPSTREAM_BYTES,
    { unit: 'By', description: 'Bytes of responses from upstreams' },
    names.ATTR_UPSTREAM,
    names.ATTR_ROUTE,
  ),
  attempts: counter(
    names.METRIC_UPSTREAM_ATTEMPTS,
    { description: 'Attempts of calls on endpoints' },
    names.ATTR_UPSTREAM,
    names.ATTR_OUTCOME,
  ),
  retries: meter.createCounter(names.METRIC_UPSTREAM_RETRIES, { description: 'Attempts after a failed one' }),
  hedges: meter.createCounter(names.METRIC_UPSTREAM_HEDGES, {
    description: 'Second attempts in parallel with a slow one',
  }),
  refusedCalls: meter.createCounter(names.METRIC_UPSTREAM_REFUSALS, { description: 'Calls that were not sent' }),
  circuitChanges: meter.createCounter(names.METRIC_UPSTREAM_CIRCUIT_CHANGES, {
    description: 'State changes of circuits',
  }),
});

/** Creates the metrics of one process. `log` receives one warning for each full label and each full metric. */
export const createMetrics = (meter: Meter, histograms: Histograms, log: Log = silentLog): Metrics => {
  const make = makers(meter, histograms, log);
  const made = { ...ofRequests(make), ...ofUpstreams(make) };
  const bounded = boundsOf(log);
  return {
    ...releaseMetrics(make, bounded.fieldPath),
    ...endpointMetrics(meter),
    ...routeMetrics(meter),
    ...egressMetrics(meter),
    ...identityMetrics(meter),
    ...listenerMetrics(meter),
    ...limitMetrics(meter),
    requestStarted: () => made.activeRequests.add(1),
    requestEnded: ({ method, route, status, durationMs }) => {
      made.activeRequests.add(-1);
      made.requests.record(seconds(durationMs), METHODS.has(method) ? method : '_OTHER', status, route);
    },
    operationEnded: ({ name, failed, durationMs }) => {
      const label = bounded.operation(name);
      made.operations.record(seconds(durationMs), label);
      if (failed) made.failures.add(1, { [names.ATTR_GRAPHQL_OPERATION_NAME]: label });
    },
    fellBack: (reason) => made.fallbacks.add(1, { [names.ATTR_REASON]: reason }),
    differed: (what) => made.differences.add(1, { [names.ATTR_REASON]: what }),
    errorSent: (code) => made.errors.add(1, bounded.code(code)),
    callStarted: (upstream) => made.activeCalls.add(1, upstream),
    callEnded: ({ upstream, route, outcome, statusClass, bytes }, durationMs) => {
      made.activeCalls.add(-1, upstream);
      const label = bounded.route(upstream, route);
      made.calls.record(seconds(durationMs), upstream, label, outcome, statusClass);
      if (bytes > 0) made.bytes.add(bytes, upstream, label);
    },
    callWaited: (upstream, cause, ms) => made.waits.record(seconds(ms), upstream, cause),
    attempted: (upstream, outcome) => made.attempts.add(1, upstream, outcome),
    retried: (upstream, reason) =>
      made.retries.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_REASON]: reason }),
    hedged: (upstream, won) => made.hedges.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_WON]: won }),
    callRefused: (upstream, reason) =>
      made.refusedCalls.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_REASON]: reason }),
    circuitChanged: (upstream, to) =>
      made.circuitChanges.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_STATE]: to }),
    cached: (verdict, count) => made.verdicts.add(count, { [names.ATTR_VERDICT]: verdict }),
    watchStore: (isUp) =>
      meter
        .createObservableGauge(names.METRIC_STORE_UP, { description: '1 if the shared store answers, otherwise 0' })
        .addCallback((result) => result.observe(isUp() ? 1 : 0)),
    watchMemory: (bytes) =>
      meter
        .createObservableGauge(names.METRIC_MEMORY_IN_FLIGHT, {
          unit: 'By',
          description: 'Estimated bytes of requests',
        })
        .addCallback((result) => result.observe(bytes())),
    watchLog: (dropped) =>
      meter
        .createObservableCounter(names.METRIC_LOG_DROPPED, { description: 'Lost log lines' })
        .addCallback((result) => result.observe(dropped())),
  };
};
