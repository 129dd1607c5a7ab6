import { createHash } from 'node:crypto';
import { networkTest } from '../../../config/ip-address.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Protocol, RegisteredEntry } from '../endpoint-list.ts';
import type { EndpointSource } from '../sources/endpoint-source.ts';
import { type Lease, leasedEndpoint } from './lease.ts';
import type { LeaseStore, StoredLease } from './lease-store.ts';
import { registeredSource } from './registered-source.ts';

/** Result of a registration. `invalid` has the reason; `forbidden` is an address outside the allowed networks. */
export type RegisterResult =
  | { readonly is: 'stored' | 'taken' | 'full' | 'forbidden' }
  | { readonly is: 'invalid'; readonly reason: string };

/** What an id belongs to: a key that only its backend has, otherwise an address. */
export type LeaseOwner = { readonly key: string } | { readonly address: string };

/** Text of an owner in the store, which does not contain the key. */
const ownerText = (owner: LeaseOwner): string =>
  'key' in owner ? `key ${createHash('sha256').update(owner.key).digest('base64url')}` : `address ${owner.address}`;

/** Self-registration of endpoints, for the upstreams with a `registered:` entry. */
export interface Registrations {
  /** Names of the upstreams that accept registrations. */
  upstreams(): readonly string[];
  /**
   * Registers, or renews. An id belongs to `key` or, without one, to its address. @throws if the store does not answer
   */
  register(upstream: string, id: string, lease: Lease, key?: string | null): Promise<RegisterResult>;
  /** Ends a registration with this key or, without one, of this address. @throws if the store does not answer */
  leave(upstream: string, id: string, owner: LeaseOwner): Promise<'left' | 'taken' | 'absent'>;
  /** @throws if the store does not answer */
  list(upstream: string): Promise<readonly StoredLease[]>;
  /** Opens the source of an upstream's entry. */
  source(upstream: string, entry: RegisteredEntry): EndpointSource;
}

export interface RegistrationsOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** Addresses or CIDRs that may register. */
  readonly networks: readonly string[];
}

const ipOf = (address: string): string =>
  URL.canParse(address) ? new URL(address).hostname.replace(/^\[|\]$/g, '') : '';

export const openRegistrations = ({ store, clock, networks }: RegistrationsOptions): Registrations => {
  const isInNetworks = networkTest(networks);
  const protocols = new Map<string, Protocol>();
  const subscribers = new Map<string, Set<() => void>>();

  const isAllowed = (address: string): boolean => isInNetworks(ipOf(address));
  const wrote = (upstream: string): void => {
    for (const run of subscribers.get(upstream) ?? []) run();
  };

  return {
    upstreams: () => [...protocols.keys()],
    register: async (upstream, id, lease, key = null) => {
      const protocol = protocols.get(upstream);
      if (protocol === undefined) return { is: 'invalid', reason: `${upstream} accepts no registrations` };
      try {
        leasedEndpoint(lease, protocol, {});
      } catch (error) {
        return { is: 'invalid', reason: error instanceof Error ? error.message : String(error) };
      }
      if (!isAllowed(lease.address)) return { is: 'forbidden' };
      const is = await store.put(upstream, id, lease, ownerText(key === null ? lease : { key }));
      if (is === 'stored') wrote(upstream);
      return { is };
    },
    leave: async (upstream, id, owner) => {
      const is = await store.leave(upstream, id, ownerText(owner));
      if (is === 'left') wrote(upstream);
      return is;
    },
    list: (upstream) => store.list(upstream),
    source: (upstream, entry) => {
      protocols.set(upstream, entry.protocol);
      const onWrite = (run: () => void) => {
        const runs = subscribers.get(upstream) ?? new Set();
        subscribers.set(upstream, runs.add(run));
        return () => void runs.delete(run);
      };
      return registeredSource(upstream, entry, { store, clock, isAllowed, onWrite });
    },
  };
};
