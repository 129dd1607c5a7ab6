import type { Lease } from './lease.ts';

/** A registration in the store. */
export interface StoredLease {
  readonly id: string;
  /** Null for one that has left: it is kept until the lease would have lapsed, so that every replica learns of it. */
  readonly lease: Lease | null;
  /** Time until it lapses in milliseconds. */
  readonly remainingMs: number;
}

/**
 * Where registrations are kept, for each upstream. An id belongs to the owner that registered it first, until its lease
 * ends.
 */
export interface LeaseStore {
  /**
   * Registers, or renews. `taken`: the id belongs to another owner. `full`: the upstream has as many registrations as
   * are allowed. @throws if the store does not answer
   */
  put(upstream: string, id: string, lease: Lease, owner: string): Promise<'stored' | 'taken' | 'full'>;
  /** Ends a registration of this owner. @throws if the store does not answer */
  leave(upstream: string, id: string, owner: string): Promise<'left' | 'taken' | 'absent'>;
  /** Registrations that have not lapsed. @throws if the store does not answer */
  list(upstream: string): Promise<readonly StoredLease[]>;
}

/** Maximum number of registrations of an upstream. */
export const MAX_LEASES = 1_000;
