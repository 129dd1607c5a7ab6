import { NEVER_FORWARDED } from '../../../backend/bind/forwarding.ts';
import type { Forward, GrpcOptions, RestOptions } from '../../../backend/define/upstream-options.ts';
import { isErrorCode, PUBLIC_ERRORS } from '../../../core/errors.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { STATUS_CODES } from '../../../upstream/grpc/status.ts';
import type {
  AdaptiveOptions,
  BalanceOptions,
  CheckOptions,
  CircuitOptions,
  HedgeOptions,
  LimitOptions,
  RetryOptions,
} from '../../../upstream/options.ts';
import { RETRY_DEFAULTS, trafficSettings } from '../../../upstream/options.ts';
import {
  between,
  from,
  isRecord,
  listRule,
  milliseconds,
  type OptionGroup,
  type Ordered,
  oneOfRule,
  positiveRule,
  type Rule,
  type RulesFor,
  shareAboveNone,
  shareRule,
  shown,
  text,
  whole,
} from './option-rules.ts';

/** RFC 9110, 5.6.2: syntax of a header name. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const POLICIES = ['peak-ewma', 'least-request', 'round-robin', 'random'];
const STICKY = "{ hash: 'client' }, { hash: { header: 'x-user' } } or { hash: { claim: 'sub' } }";

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isStickyBy = (by: unknown): boolean => {
  if (by === 'client') return true;
  if (!isRecord(by) || Object.keys(by).length !== 1) return false;
  return 'header' in by ? isName(by.header) && HEADER_NAME.test(by.header) : isName(by.claim);
};

const policy: Rule = (value) => {
  if (typeof value === 'string') {
    if (POLICIES.includes(value)) return null;
    const meant = nearestSuggestion(value, POLICIES);
    return meant === null ? `use ${POLICIES.join(', ')}, or ${STICKY}` : `use ${meant}`;
  }
  if (!isRecord(value)) return `use ${POLICIES.join(', ')}, or ${STICKY}`;
  return Object.keys(value).length === 1 && isStickyBy(value.hash) ? null : `use ${STICKY}`;
};

const settings = trafficSettings();

/** Pairs the two options for comparison, with their defaults if they are not set. */
const ordered =
  (low: string, high: string, defaults: Readonly<Record<string, unknown>>) =>
  (options: Readonly<Record<string, unknown>>): readonly Ordered[] => {
    const [least, most] = [options[low] ?? defaults[low], options[high] ?? defaults[high]];
    return typeof least === 'number' && typeof most === 'number' ? [{ low: [low, least], high: [high, most] }] : [];
  };

export const BALANCE_OPTIONS: OptionGroup = {
  options: {
    policy,
    panicThreshold: shareRule,
    slowStartMs: milliseconds(0),
    maxEjected: shareRule,
    overprovisioning: from(1),
  } satisfies RulesFor<BalanceOptions>,
};

export const CIRCUIT_OPTIONS: OptionGroup = {
  instead: [false],
  options: {
    consecutiveFailures: whole(1),
    failureRatio: shareAboveNone,
    minCalls: whole(1),
    windowMs: milliseconds(1),
    openMs: milliseconds(1),
    maxOpenMs: milliseconds(1),
    halfOpenProbes: whole(1),
    successesToClose: whole(1),
    per: oneOfRule('endpoint', 'route'),
  } satisfies RulesFor<CircuitOptions>,
  ordered: ordered('openMs', 'maxOpenMs', { ...settings.circuit }),
};

/** Rules of `retry`; `statuses` is the rule for the statuses of the upstream's protocol. */
export const retryRules = (statuses: Rule): OptionGroup => ({
  instead: [false],
  options: {
    attempts: whole(1),
    statuses,
    baseMs: milliseconds(0),
    maxMs: milliseconds(0),
    budgetRatio: shareRule,
    budgetPerSecond: from(0),
  } satisfies RulesFor<RetryOptions>,
  ordered: ordered('baseMs', 'maxMs', { ...RETRY_DEFAULTS }),
});

export const HEDGE_OPTIONS: OptionGroup = {
  instead: [true, false],
  options: { percentile: between, minDelayMs: milliseconds(0) } satisfies RulesFor<HedgeOptions>,
};

const ADAPTIVE: OptionGroup = {
  instead: [true, false],
  options: { minConcurrency: whole(1), maxConcurrency: whole(1) } satisfies RulesFor<AdaptiveOptions>,
};

/** Settings of `adaptive: true`. */
const { adaptive: ADAPTIVE_DEFAULTS } = trafficSettings({ limits: { adaptive: true } }).limits;

export const LIMIT_OPTIONS: OptionGroup = {
  options: {
    connections: whole(1),
    inFlight: whole(1),
    pending: whole(0),
    callsPerConnection: whole(1),
    connectionAgeMs: milliseconds(1),
    adaptive: ADAPTIVE,
  } satisfies RulesFor<LimitOptions>,
  ordered: ({ adaptive, inFlight = settings.limits.inFlight }) =>
    adaptive === undefined || adaptive === false
      ? []
      : ordered('minConcurrency', 'maxConcurrency', { ...ADAPTIVE_DEFAULTS, maxConcurrency: inFlight })(
          isRecord(adaptive) ? adaptive : {},
        ),
};

/** Minimum interval of health checks: more frequent ones would load the endpoint. */
const MIN_INTERVAL_MS = 100;

export const CHECK_OPTIONS = {
  intervalMs: milliseconds(MIN_INTERVAL_MS),
  timeoutMs: milliseconds(1),
  fall: whole(1),
  rise: whole(1),
} satisfies RulesFor<CheckOptions>;

const isStatus = (value: unknown, least: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 599;

/** An HTTP status of a failure. */
const httpStatus: Rule = (value) => (isStatus(value, 300) ? null : 'use HTTP statuses from 300 to 599');

/** A gRPC status by name. */
const grpcStatus: Rule = (value) => {
  if (typeof value !== 'string') return 'use names of gRPC statuses, as in UNAVAILABLE';
  if (Object.hasOwn(STATUS_CODES, value)) return null;
  const meant = nearestSuggestion(value, Object.keys(STATUS_CODES));
  return meant === null ? 'use names of gRPC statuses, as in UNAVAILABLE' : `use ${meant} instead of ${shown(value)}`;
};

const errorCode: Rule = (value) => {
  if (isErrorCode(value)) return null;
  const meant = typeof value === 'string' ? nearestSuggestion(value, Object.keys(PUBLIC_ERRORS)) : null;
  return meant === null ? 'use the codes of docs/errors.md' : `use ${meant} instead of ${shown(value)}`;
};

const codesBy =
  (status: (written: string) => string | null): Rule =>
  (value) => {
    if (!isRecord(value)) return 'use an object with a code for each status';
    for (const [written, code] of Object.entries(value)) {
      const fix = status(written) ?? errorCode(code);
      if (fix !== null) return fix;
    }
    return null;
  };

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

const deadlineHeader: Rule = (value) => {
  if (value === false) return null;
  if (typeof value !== 'string' || !HEADER_NAME.test(value)) return 'use the name of a header, or false';
  return TAKEN.has(value.toLowerCase()) ? 'use another header: this one has a meaning already' : null;
};

const isPath = (value: unknown): boolean => typeof value === 'string' && /^\/[\x21\x22\x24-\x7e]*$/.test(value);

const path: Rule = (value) => (isPath(value) ? null : 'use a path that begins with /, as in /healthz');

const expectStatus: Rule = (value) => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const right = all.length > 0 && all.every((status) => isStatus(status, 200));
  return right ? null : 'use HTTP statuses from 200 to 599';
};

const FORWARD: OptionGroup = {
  options: {
    identity: oneOfRule('token'),
    client: oneOfRule(true, false),
    headers: listRule(text),
  } satisfies RulesFor<Forward>,
};

const COMMON = {
  timeoutMs: positiveRule,
  maxResponseBytes: positiveRule,
  forward: FORWARD,
  balance: BALANCE_OPTIONS,
  circuit: CIRCUIT_OPTIONS,
  hedge: HEDGE_OPTIONS,
  limits: LIMIT_OPTIONS,
};

/** Options of `rest({…})`. */
export const REST_OPTIONS: OptionGroup = {
  options: {
    ...COMMON,
    retry: retryRules(listRule(httpStatus)),
    deadlineHeader,
    health: { options: { ...CHECK_OPTIONS, path, expectStatus }, required: { path: "path: '/healthz'" } },
    errorCodes: codesBy((written) => httpStatus(Number(written))),
    compression: oneOfRule(true, false),
    maxUrlLength: positiveRule,
  } satisfies RulesFor<RestOptions>,
};

/** Options of `grpc({…})`. */
export const GRPC_OPTIONS: OptionGroup = {
  required: { proto: "proto: './stock.proto'", service: "service: 'stock.v1.Stock'" },
  options: {
    ...COMMON,
    retry: retryRules(listRule(grpcStatus)),
    deadlineHeader: () => 'remove it: gRPC always sends the remaining time in grpc-timeout',
    proto: text,
    protoPaths: listRule(text),
    service: text,
    health: { options: CHECK_OPTIONS },
    errorCodes: codesBy(grpcStatus),
    compression: oneOfRule('gzip'),
  } satisfies RulesFor<GrpcOptions<string>>,
};
