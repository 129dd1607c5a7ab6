import type { Meter, MetricOptions } from '@opentelemetry/api';
import { boundedByUpstream, boundedNames, warnOfOther } from './bounded-names.ts';
import type { Histogram, Histograms } from './histogram.ts';
import { type Log, silentLog } from './log.ts';
import * as names from './names.ts';
import { MAX_SERIES } from './series.ts';
import { Tally } from './tally.ts';

export type CacheVerdict = 'hit' | 'miss' | 'stale' | 'bypass';

/** The limit that refused: of a client for the whole endpoint, of a field, or of the memory in flight. */
export type LimitKind = 'client' | 'field' | 'memory';

/** With `other`, and two metrics with a series for each name, no more than 200 series. */
const MAX_OPERATION_NAMES = 99;

/** More than any list of templates or methods; a module that builds its paths itself has one for each value. */
const MAX_ROUTES = 99;

/** More than the gateway's own codes and those of many modules. */
const MAX_CODES = 199;

const BOUNDARIES_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

const seconds = (ms: number): number => ms / 1_000;

export interface EndedRequest {
  readonly method: string;
  /** Null where no route matched. */
  readonly route: string | null;
  readonly status: number;
  readonly durationMs: number;
}

export interface EndedOperation {
  /** As the client named it. */
  readonly name: string | null;
  readonly failed: boolean;
  readonly durationMs: number;
}

export interface EndedCall {
  readonly upstream: string;
  readonly route: string;
  /** `ok`, or the error's code. */
  readonly outcome: string;
  /** Of an HTTP answer: `2xx`. */
  readonly statusClass: string | null;
  readonly bytes: number;
}

/** How many endpoints of an upstream are in one state. */
export interface EndpointCount {
  readonly upstream: string;
  readonly state: string;
  readonly count: number;
}

/** Counts and measurements. Every label has a bounded number of values; further ones are `other`. */
export interface Metrics {
  requestStarted(): void;
  requestEnded(request: EndedRequest): void;
  operationEnded(operation: EndedOperation): void;
  /** An operation that no plan could be made for. */
  fellBack(reason: string): void;
  /** A query that a plan and delegation answered in two ways: in `data`, or in `errors`. */
  differed(what: string): void;
  /** An error in an answer. Codes that modules declare are among them. */
  errorSent(code: string): void;
  callStarted(upstream: string): void;
  callEnded(call: EndedCall, durationMs: number): void;
  /** One try of a call on one endpoint; `outcome` as of a call. */
  attempted(upstream: string, outcome: string): void;
  retried(upstream: string, because: string): void;
  hedged(upstream: string, won: boolean): void;
  /** A call that was not sent. */
  callRefused(upstream: string, because: string): void;
  circuitChanged(upstream: string, to: string): void;
  /** Shows the endpoints each time that metrics are read. */
  watchEndpoints(counts: () => readonly EndpointCount[]): void;
  cached(verdict: CacheVerdict, count: number): void;
  refused(limit: LimitKind): void;
  /** Shows whether the shared store answers, each time that metrics are read. */
  watchStore(isUp: () => boolean): void;
  /** Shows the estimated bytes that requests in flight hold, each time that metrics are read. */
  watchMemory(bytes: () => number): void;
  /** Shows the number of log lines lost so far, each time that metrics are read. */
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
    counter: (name, options, ...labels) => Tally.counter(meter, name, options, labels, warn(name)),
  };
};

/** The bounds of labels with values that clients or modules choose. All other labels have closed sets of values. */
const boundsOf = (log: Log) => ({
  operation: boundedNames({ label: names.ATTR_GRAPHQL_OPERATION_NAME, max: MAX_OPERATION_NAMES }, log),
  code: boundedNames({ label: names.ATTR_CODE, max: MAX_CODES }, log),
  route: boundedByUpstream({ label: names.ATTR_ROUTE, max: MAX_ROUTES }, log),
});

const ofRequests = ({ meter, durations }: Makers) => ({
  requests: durations(
    names.METRIC_REQUEST_DURATION,
    'From the arrival of a request to the end of its answer',
    names.ATTR_HTTP_REQUEST_METHOD,
    names.ATTR_HTTP_RESPONSE_STATUS_CODE,
    names.ATTR_HTTP_ROUTE,
  ),
  activeRequests: Tally.level(meter, names.METRIC_REQUESTS_ACTIVE, { description: 'Requests in flight' }, []),
  operations: durations(
    names.METRIC_OPERATION_DURATION,
    'From the choice of an operation to its answer',
    names.ATTR_GRAPHQL_OPERATION_NAME,
  ),
  failures: meter.createCounter(names.METRIC_OPERATION_FAILURES, { description: 'Operations with errors' }),
  fallbacks: meter.createCounter(names.METRIC_EXECUTION_FALLBACKS, { description: 'Operations without a plan' }),
  differences: meter.createCounter(names.METRIC_EXECUTION_DIFFERENCES, { description: 'Queries answered in two ways' }),
  errors: meter.createCounter(names.METRIC_ERRORS, { description: 'Errors in answers, by code' }),
  verdicts: meter.createCounter(names.METRIC_CACHE_VERDICTS, { description: 'What the cache said, by key' }),
  refusals: meter.createCounter(names.METRIC_LIMIT_REFUSALS, { description: 'Requests and fields over a limit' }),
});

const ofUpstreams = ({ meter, durations, counter }: Makers) => ({
  calls: durations(
    names.METRIC_UPSTREAM_DURATION,
    'Calls to upstreams, whatever they took to succeed or fail',
    names.ATTR_UPSTREAM,
    names.ATTR_ROUTE,
    names.ATTR_OUTCOME,
    names.ATTR_STATUS_CLASS,
  ),
  activeCalls: Tally.level(meter, names.METRIC_UPSTREAM_ACTIVE, { description: 'Calls in flight' }, [
    names.ATTR_UPSTREAM,
  ]),
  bytes: counter(
    names.METRIC_UPSTREAM_BYTES,
    { unit: 'By', description: 'Bytes of answers from upstreams' },
    names.ATTR_UPSTREAM,
    names.ATTR_ROUTE,
  ),
  attempts: counter(
    names.METRIC_UPSTREAM_ATTEMPTS,
    { description: 'Tries of calls on endpoints' },
    names.ATTR_UPSTREAM,
    names.ATTR_OUTCOME,
  ),
  retries: meter.createCounter(names.METRIC_UPSTREAM_RETRIES, { description: 'Attempts after one that failed' }),
  hedges: meter.createCounter(names.METRIC_UPSTREAM_HEDGES, { description: 'Second attempts beside a slow one' }),
  refusedCalls: meter.createCounter(names.METRIC_UPSTREAM_REFUSALS, { description: 'Calls that were not sent' }),
  circuitChanges: meter.createCounter(names.METRIC_UPSTREAM_CIRCUIT_CHANGES, { description: 'Changes of circuits' }),
});

/** Makes the instruments of one process. `log` gets one warning for each label and each metric that is full. */
export const createMetrics = (meter: Meter, histograms: Histograms, log: Log = silentLog): Metrics => {
  const make = makers(meter, histograms, log);
  const made = { ...ofRequests(make), ...ofUpstreams(make) };
  const bounded = boundsOf(log);
  return {
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
    errorSent: (code) => made.errors.add(1, { [names.ATTR_CODE]: bounded.code(code) }),
    callStarted: (upstream) => made.activeCalls.add(1, upstream),
    callEnded: ({ upstream, route, outcome, statusClass, bytes }, durationMs) => {
      made.activeCalls.add(-1, upstream);
      const label = bounded.route(upstream, route);
      made.calls.record(seconds(durationMs), upstream, label, outcome, statusClass);
      if (bytes > 0) made.bytes.add(bytes, upstream, label);
    },
    attempted: (upstream, outcome) => made.attempts.add(1, upstream, outcome),
    retried: (upstream, because) =>
      made.retries.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_REASON]: because }),
    hedged: (upstream, won) => made.hedges.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_WON]: won }),
    callRefused: (upstream, because) =>
      made.refusedCalls.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_REASON]: because }),
    circuitChanged: (upstream, to) =>
      made.circuitChanges.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_STATE]: to }),
    watchEndpoints: (counts) =>
      meter
        .createObservableGauge(names.METRIC_UPSTREAM_ENDPOINTS, { description: 'Endpoints, by state' })
        .addCallback((result) => {
          for (const { upstream, state, count } of counts())
            result.observe(count, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_STATE]: state });
        }),
    cached: (verdict, count) => made.verdicts.add(count, { [names.ATTR_VERDICT]: verdict }),
    refused: (limit) => made.refusals.add(1, { [names.ATTR_LIMIT]: limit }),
    watchStore: (isUp) =>
      meter
        .createObservableGauge(names.METRIC_STORE_UP, { description: '1 while the shared store answers, else 0' })
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
        .createObservableCounter(names.METRIC_LOG_DROPPED, { description: 'Log lines that could not be written' })
        .addCallback((result) => result.observe(dropped())),
  };
};
