import type { Clock, Timer } from '../../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Report } from '../events.ts';
import type { Resolve } from './resolver.ts';

export interface DnsOptions {
  /** What every address found is beside its own. Its URL's host is the name to resolve. */
  readonly template: Endpoint;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly report: Report;
  /** Called with all endpoints of this name when they are found first, and whenever they change. */
  readonly onChange: (endpoints: readonly Endpoint[]) => void;
}

export interface Discovery {
  /** Resolves once the name was asked for the first time, whatever came of it. */
  readonly firstAsked: Promise<void>;
  stop(): void;
  snapshot(): DiscoverySnapshot;
}

/** What operators see of one name. */
export interface DiscoverySnapshot {
  readonly source: string;
  readonly addresses: readonly string[];
  /** How long ago it last answered, in milliseconds; null while it never has. */
  readonly answeredMsAgo: number | null;
  /** Why it did not the last time; null where it did. */
  readonly failure: string | null;
}

/** However short its records live, a name is not asked for more often. */
const SHORTEST_MS = 1_000;
/** However long they live: a change is seen in a minute. */
const LONGEST_MS = 60_000;
const AFTER_FAILURE_MS = 1_000;
/** Every call looks at all of them. */
const MOST_ADDRESSES = 256;

const why = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.message : 'unknown';

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((address, at) => address === other[at]);

/**
 * Finds the endpoints of an upstream by a name, again whenever what DNS said is no longer to be believed.
 *
 * A name that has no address any more, or that nobody answers for, keeps the addresses that it last had: a sick DNS is no
 * reason to drop backends that are well.
 */
export const discoverByName = ({ template, resolve, clock, report, onChange }: DnsOptions): Discovery => {
  const name = template.url.hostname.replace(/^\[|\]$/g, '');
  let addresses: readonly string[] = [];
  let answeredAt: number | null = null;
  let failure: string | null = null;
  let timer: Timer | null = null;
  let stopped = false;

  const tell = (outcome: 'changed' | 'recovered' | 'failed', because: string): void =>
    report({ is: 'discovery', source: name, outcome, because });

  const ask = async (): Promise<number> => {
    try {
      const found = await resolve(name);
      if (found.addresses.length === 0) throw new Error('no address');
      answeredAt = clock.now();
      const known = found.addresses.slice(0, MOST_ADDRESSES);
      const changed = !same(known, addresses);
      addresses = known;
      if (changed) tell('changed', addresses.join(', '));
      else if (failure !== null) tell('recovered', 'it has the addresses that it had');
      failure = null;
      if (changed && !stopped) onChange(addresses.map((ip) => ({ ...template, ip })));
      return Math.min(Math.max(found.ttlMs || 0, SHORTEST_MS), LONGEST_MS);
    } catch (error) {
      const reason = why(error);
      // Told once for each reason: it is tried every second.
      if (failure !== reason) tell('failed', reason);
      failure = reason;
      return AFTER_FAILURE_MS;
    }
  };

  const again = async (): Promise<void> => {
    const waitMs = await ask();
    if (!stopped) timer = clock.after(waitMs, () => void again());
  };

  const firstAsked = again();
  return {
    firstAsked,
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
