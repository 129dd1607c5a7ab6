import type { Clock } from '../../../core/clock.ts';
import type { Lease } from './lease.ts';
import { type LeaseStore, MAX_LEASES } from './lease-store.ts';

interface KeptLease {
  readonly owner: string;
  /** Null after it has left. */
  readonly lease: Lease | null;
  /** End on the clock's scale. */
  readonly until: number;
}

/** Registrations in the memory of this process: for a gateway without Redis. */
export const memoryLeases = (clock: Clock): LeaseStore => {
  const upstreams = new Map<string, Map<string, KeptLease>>();
  /** The leases of an upstream, without lapsed ones. */
  const leasesOf = (upstream: string): Map<string, KeptLease> => {
    const leases = upstreams.get(upstream) ?? new Map<string, KeptLease>();
    upstreams.set(upstream, leases);
    for (const [id, { until }] of leases) if (until <= clock.now()) leases.delete(id);
    return leases;
  };
  return {
    put: async (upstream, id, lease, owner) => {
      const leases = leasesOf(upstream);
      const known = leases.get(id);
      if (known !== undefined && known.lease !== null && known.owner !== owner) return 'taken';
      if (known === undefined && leases.size >= MAX_LEASES) return 'full';
      leases.set(id, { owner, lease, until: clock.now() + lease.ttlMs });
      return 'stored';
    },
    leave: async (upstream, id, owner) => {
      const leases = leasesOf(upstream);
      const known = leases.get(id);
      if (known === undefined || known.lease === null) return 'absent';
      if (known.owner !== owner) return 'taken';
      leases.set(id, { ...known, lease: null });
      return 'left';
    },
    list: async (upstream) =>
      [...leasesOf(upstream)].map(([id, { lease, until }]) => ({ id, lease, remainingMs: until - clock.now() })),
  };
};
