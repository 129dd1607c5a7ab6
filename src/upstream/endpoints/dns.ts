import type { Clock, Timer } from '../../core/clock.ts';
import type { Report } from '../events.ts';
import type { Resolve } from './dns-resolver.ts';
import type { Endpoint } from './endpoint.ts';

export interface DnsOptions {
  /** Options that every resolved address receives. The host of the URL is the name to resolve. */
  readonly template: Endpoint;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly report: Report;
  /** Called with all endpoints of this name after the first answer and after every change. */
  readonly onChange: (endpoints: readonly Endpoint[]) => void;
}

export interface Discovery {
  /** Resolves after the first query, successful or not. */
  readonly firstQuery: Promise<void>;
  stop(): void;
  snapshot(): DiscoverySnapshot;
}

/** State of one name, for operators. */
export interface DiscoverySnapshot {
  readonly source: string;
  readonly addresses: readonly string[];
  /** Age of the last answer in milliseconds; null before the first one. */
  readonly answeredMsAgo: number | null;
  /** Reason of the last failure; null after a success. */
  readonly failure: string | null;
}

/** Lower bound of the time between two queries, for records with a shorter time to live. */
const MIN_MS = 1_000;
/** Upper bound of the time between two queries: a change appears within a minute. */
const MAX_MS = 60_000;
const AFTER_FAILURE_MS = 1_000;
/** Maximum number of addresses of a name. Every call visits all endpoints. */
const MAX_ADDRESSES = 256;

const why = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.message : 'unknown';

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((address, at) => address === other[at]);

/**
 * Resolves a name to the endpoints of an upstream, and queries it again when its records expire.
 *
 * A name that resolves to nothing, or for which no server answers, keeps its last addresses: a DNS outage must not
 * remove working backends.
 */
export const discoverByName = ({ template, resolve, clock, report, onChange }: DnsOptions): Discovery => {
  const name = template.url.hostname.replace(/^\[|\]$/g, '');
  let addresses: readonly string[] = [];
  let answeredAt: number | null = null;
  let failure: string | null = null;
  let timer: Timer | null = null;
  let stopped = false;

  const reportOutcome = (outcome: 'changed' | 'recovered' | 'failed', reason: string): void =>
    report({ is: 'discovery', source: name, outcome, reason });

  const query = async (): Promise<number> => {
    try {
      const found = await resolve(name);
      if (found.addresses.length === 0) throw new Error('no address');
      answeredAt = clock.now();
      const known = found.addresses.slice(0, MAX_ADDRESSES);
      const changed = !same(known, addresses);
      addresses = known;
      if (changed) reportOutcome('changed', addresses.join(', '));
      else if (failure !== null) reportOutcome('recovered', 'the addresses are unchanged');
      failure = null;
      if (changed && !stopped) onChange(addresses.map((ip) => ({ ...template, ip })));
      return Math.min(Math.max(found.ttlMs || 0, MIN_MS), MAX_MS);
    } catch (error) {
      const reason = why(error);
      // Reported once for each reason, because failed queries are repeated every second.
      if (failure !== reason) reportOutcome('failed', reason);
      failure = reason;
      return AFTER_FAILURE_MS;
    }
  };

  const again = async (): Promise<void> => {
    const waitMs = await query();
    if (!stopped) timer = clock.after(waitMs, () => void again());
  };

  const firstQuery = again();
  return {
    firstQuery,
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
    snapshot: () => ({
      source: name,
      addresses,
      answeredMsAgo: answeredAt === null ? null : Math.round(clock.now() - answeredAt),
      failure,
    }),
  };
};
