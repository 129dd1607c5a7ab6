import type { Clock } from '../../../core/clock.ts';
import { entryName, type RegisteredEntry } from '../endpoint-list.ts';
import type { EndpointSource } from '../sources/endpoint-source.ts';
import { pollSource, type Reading } from '../sources/poll-source.ts';
import { type Lease, leasedEndpoint } from './lease.ts';
import type { LeaseStore, StoredLease } from './lease-store.ts';

/** Time between two readings of the store: half of the second within which changes apply on every gateway. */
const POLL_MS = 500;

interface KnownLease {
  readonly lease: Lease;
  /** End on the clock's scale. */
  readonly until: number;
}

/**
 * Merges what the store has into the known leases. A lease ends when it lapses or leaves. One that disappears from the
 * store otherwise, because Redis lost its data, is kept until it would have lapsed; after an outage, in which nothing
 * could be renewed, for one more of its lease times.
 */
export const mergeLeases = (
  known: ReadonlyMap<string, KnownLease>,
  stored: readonly StoredLease[],
  { now, afterOutage }: { readonly now: number; readonly afterOutage: boolean },
): ReadonlyMap<string, KnownLease> => {
  const merged = new Map<string, KnownLease>();
  for (const [id, { lease, until }] of known)
    merged.set(id, { lease, until: afterOutage ? Math.max(until, now + lease.ttlMs) : until });
  for (const { id, lease, remainingMs } of stored) {
    if (lease === null) merged.delete(id);
    else merged.set(id, { lease, until: now + remainingMs });
  }
  for (const [id, { until }] of merged) if (until <= now) merged.delete(id);
  return merged;
};

export interface RegisteredSourceOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** True for an address that may register. */
  readonly isAllowed: (address: string) => boolean;
  /** Subscribes to changes of this upstream's registrations through this process. Returns the end of it. */
  readonly onWrite: (run: () => void) => () => void;
}

/**
 * The registered endpoints of an upstream. The store is read every 500 ms, and after each change through this process.
 * While the store does not answer no lease lapses: renewals are lost then, and backends are not.
 */
export const registeredSource = (
  upstream: string,
  entry: RegisteredEntry,
  { store, clock, isAllowed, onWrite }: RegisteredSourceOptions,
): EndpointSource => ({
  name: entryName(entry),
  watch: (sink) => {
    let known: ReadonlyMap<string, KnownLease> = new Map();
    let afterOutage = false;
    const read = async (): Promise<Reading> => {
      const stored = await store.list(upstream).catch((error: unknown) => {
        afterOutage = true;
        throw error;
      });
      known = mergeLeases(known, stored, { now: clock.now(), afterOutage });
      afterOutage = false;
      const endpoints = [...known.values()].flatMap(({ lease }) => {
        // The store may have leases that a gateway with other settings has accepted.
        if (!isAllowed(lease.address)) return [];
        try {
          return [leasedEndpoint(lease, entry.protocol, entry.options)];
        } catch {
          return [];
        }
      });
      return { endpoints, waitMs: POLL_MS };
    };
    const polled = pollSource(clock, sink, read, POLL_MS);
    const unsubscribe = onWrite(polled.now);
    return () => {
      unsubscribe();
      polled.stop();
    };
  },
});
