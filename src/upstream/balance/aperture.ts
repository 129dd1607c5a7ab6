import { fractionOf, hashOf } from './policy/hash.ts';

/** The part of a long list of endpoints that this gateway uses. */
export interface Aperture {
  /** Number of endpoints. */
  readonly size: number;
  /** Place of this gateway among all replicas, from 0 to 1. */
  readonly position: number;
}

/** Keeps the order on the ring independent of other uses of the hash. */
const RING_SALT = hashOf('ring');
/** Rounding error of `index / count` times a number of endpoints. */
const ROUNDING = 1e-9;

/**
 * Splits candidates into those in the aperture and the others: `size` neighbours on a ring of all, sorted by hash, from
 * the gateway's position on. Gateways at equal distances share the endpoints evenly; an endpoint that joins or leaves
 * changes at most two of an aperture.
 */
export const splitByAperture = <Hashed extends { readonly hash: number }>(
  candidates: readonly Hashed[],
  { size, position }: Aperture,
): readonly (readonly Hashed[])[] => {
  const count = candidates.length;
  if (count <= size) return [candidates];
  const placed = candidates.map((candidate) => ({ candidate, at: fractionOf(candidate.hash, RING_SALT) }));
  const ring = placed.toSorted((one, other) => one.at - other.at).map(({ candidate }) => candidate);
  const start = Math.floor(position * count + ROUNDING) % count;
  const turned = [...ring.slice(start), ...ring.slice(0, start)];
  return [turned.slice(0, size), turned.slice(size)];
};
