import type { Clock } from '../../../core/clock.ts';
import type { Report } from '../../events.ts';
import { addressOf, type Endpoint } from '../endpoint.ts';
import type { EndpointSource } from './endpoint-source.ts';
import { type FailureCause, failureCause, failureReason } from './failure-reason.ts';

/** State of one source, for operators. */
export interface SourceSnapshot {
  readonly source: string;
  readonly addresses: readonly string[];
  /** Time since the last good list was read or confirmed, in milliseconds; null before the first one. */
  readonly answeredMsAgo: number | null;
  /** Reason of the last failure; null after a success. */
  readonly failure: string | null;
  /** Number of failed readings by cause, since the start. */
  readonly failures: Readonly<Partial<Record<FailureCause, number>>>;
  /** Number of lists that differed from the one before, the first one included, since the start. */
  readonly changes: number;
}

export interface FollowOptions {
  readonly clock: Clock;
  readonly report: Report;
  /** Called with the list after the first success and after every change. */
  readonly onChange: (endpoints: readonly Endpoint[]) => void;
}

export interface FollowedSource {
  /** Resolves after the first attempt, successful or not. */
  readonly ready: Promise<void>;
  stop(): void;
  snapshot(): SourceSnapshot;
}

/** Maximum number of endpoints of a source. Every call visits all endpoints. */
export const MAX_ENDPOINTS = 1_000;
/** Maximum number of addresses in an event. */
const MAX_SHOWN = 20;

/** Text of all properties of an endpoint: equal for equal endpoints. */
const textOf = ({ url, ip, max, labels, ...options }: Endpoint): string =>
  JSON.stringify([url.href, ip, String(max), Object.entries(labels).toSorted(), options]);

const shown = (addresses: readonly string[]): string => {
  const more = addresses.length - MAX_SHOWN;
  return addresses.length === 0
    ? 'no endpoints'
    : addresses.slice(0, MAX_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
};

/**
 * Follows one source and keeps its last good list: an outage of a source must not remove working endpoints.
 *
 * A failure is reported once for each reason, because failed attempts are repeated. Of more than 1,000 endpoints the
 * first ones by address are used.
 */
export const followSource = (source: EndpointSource, { clock, report, onChange }: FollowOptions): FollowedSource => {
  const { name } = source;
  const first = Promise.withResolvers<void>();
  let addresses: readonly string[] = [];
  let text: string | null = null;
  let answeredAt: number | null = null;
  let failure: string | null = null;
  /** Reason for which the last list may be incomplete. */
  let listFault: string | null = null;
  let changes = 0;
  const failures: Partial<Record<FailureCause, number>> = {};

  const outcome = (is: 'changed' | 'recovered' | 'failed', reason: string): void =>
    report({ is: 'discovery', source: name, outcome: is, reason });

  const setFailure = (reason: string | null): void => {
    if (reason !== null && reason !== failure) outcome('failed', reason);
    failure = reason;
  };
  const count = (cause: FailureCause): void => {
    failures[cause] = (failures[cause] ?? 0) + 1;
  };

  const stop = source.watch({
    list: (endpoints, fault = null) => {
      answeredAt = clock.now();
      const sorted = endpoints
        .map((endpoint) => ({ endpoint: { ...endpoint, source: name }, text: textOf(endpoint) }))
        .toSorted((one, other) => (one.text < other.text ? -1 : 1));
      const used = sorted.slice(0, MAX_ENDPOINTS);
      const list = used.map(({ endpoint }) => endpoint);
      const found = used.map((one) => one.text).join('\n');
      const changed = found !== text;
      text = found;
      if (changed) {
        changes += 1;
        addresses = list.map(addressOf);
        outcome('changed', shown(addresses));
      } else if (failure !== null && fault === null) outcome('recovered', 'the endpoints are unchanged');
      listFault = used.length < sorted.length ? `${sorted.length} endpoints: only ${MAX_ENDPOINTS} are used` : fault;
      if (listFault !== null) count('incomplete');
      setFailure(listFault);
      if (changed) onChange(list);
      first.resolve();
    },
    confirmed: () => {
      answeredAt = clock.now();
      if (failure !== null && listFault === null) outcome('recovered', 'the endpoints are unchanged');
      setFailure(listFault);
    },
    failed: (error) => {
      count(failureCause(error));
      setFailure(failureReason(error));
      first.resolve();
    },
  });
  return {
    ready: first.promise,
    stop,
    snapshot: () => ({
      source: name,
      addresses,
      answeredMsAgo: answeredAt === null ? null : Math.round(clock.now() - answeredAt),
      failure,
      failures: { ...failures },
      changes,
    }),
  };
};
