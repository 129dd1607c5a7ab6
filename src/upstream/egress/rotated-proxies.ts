import { fractionOf, hashOf } from '../balance/policy/hash.ts';
import type { EgressSettings } from './egress-options.ts';
import type { EgressProxy } from './egress-proxy.ts';

type Rotation = EgressSettings['rotate'];

/** Order of the proxies for a caller: rendezvous hashing, so that a removed proxy moves only its own callers. */
const byCaller = (proxies: readonly EgressProxy[], caller: string): readonly EgressProxy[] => {
  const hash = hashOf(caller);
  const ranked = proxies.map((proxy) => ({ proxy, rank: fractionOf(hashOf(proxy.entry.name), hash) }));
  return ranked.toSorted((one, other) => other.rank - one.rank).map(({ proxy }) => proxy);
};

/** Returns the proxies in the order in which an attempt tries them. `turn` is the number of the attempt. */
export const rotatedProxies = (
  rotation: Rotation,
  proxies: readonly EgressProxy[],
  { turn, caller }: { readonly turn: number; readonly caller: string },
): readonly EgressProxy[] => {
  if (proxies.length < 2) return proxies;
  if (rotation === 'sticky') return byCaller(proxies, caller);
  const from = turn % proxies.length;
  const inTurn = [...proxies.slice(from), ...proxies.slice(0, from)];
  return rotation === 'round-robin'
    ? inTurn
    : inTurn.toSorted((one, other) => one.inFlight - other.inFlight || one.used - other.used);
};
