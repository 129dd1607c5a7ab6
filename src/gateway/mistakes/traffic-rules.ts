import type {
  AdaptiveOptions,
  BalanceOptions,
  CheckOptions,
  CircuitOptions,
  HedgeOptions,
  LimitOptions,
  RetryOptions,
} from '../../upstream/traffic.ts';
import { RETRY_DEFAULTS, trafficSettings } from '../../upstream/traffic.ts';
import { nearest } from './nearest.ts';
import {
  between,
  from,
  isRecord,
  milliseconds,
  type OptionGroup,
  type Ordered,
  oneOf,
  type Rule,
  type RulesFor,
  share,
  shareAboveNone,
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
    const meant = nearest(value, POLICIES);
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

export const BALANCE: OptionGroup = {
  options: {
    policy,
    panicThreshold: share,
    slowStartMs: milliseconds(0),
    maxEjected: share,
    overprovisioning: from(1),
  } satisfies RulesFor<BalanceOptions>,
};

export const CIRCUIT: OptionGroup = {
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
    per: oneOf('endpoint', 'route'),
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
    budgetRatio: share,
    budgetPerSecond: from(0),
  } satisfies RulesFor<RetryOptions>,
  ordered: ordered('baseMs', 'maxMs', { ...RETRY_DEFAULTS }),
});

export const HEDGE: OptionGroup = {
  instead: [true, false],
  options: { percentile: between, minDelayMs: milliseconds(0) } satisfies RulesFor<HedgeOptions>,
};

const ADAPTIVE: OptionGroup = {
  instead: [true, false],
  options: { minConcurrency: whole(1), maxConcurrency: whole(1) } satisfies RulesFor<AdaptiveOptions>,
};

/** Settings of `adaptive: true`. */
const { adaptive: ADAPTIVE_DEFAULTS } = trafficSettings({ limits: { adaptive: true } }).limits;

export const LIMITS: OptionGroup = {
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

export const CHECKS = {
  intervalMs: milliseconds(MIN_INTERVAL_MS),
  timeoutMs: milliseconds(1),
  fall: whole(1),
  rise: whole(1),
} satisfies RulesFor<CheckOptions>;
