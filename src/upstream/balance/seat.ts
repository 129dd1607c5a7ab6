import type { Member } from '../member.ts';
import type { Fitness } from './fitness.ts';
import { hashOf } from './hash.ts';

/** A member while calls are placed. What can be changed is filled anew for each call, so that choosing allocates nothing. */
export interface Seat {
  readonly member: Member;
  /** Of its address, for rendezvous hashing. */
  readonly hash: number;
  fitness: Fitness;
  /** With which it takes part in the choice for one call; 0 where it takes no part. */
  weight: number;
  /** What smooth weighted round robin counts up and down. Outlives the call. */
  credit: number;
}

/** Endpoints of one preference: another level is used as far as these cannot carry all calls. */
export interface Level {
  readonly seats: readonly Seat[];
  /** Of the endpoints as they are configured. */
  readonly meanWeight: number;
  /** Endpoints that nobody has taken out on purpose. */
  size: number;
  usable: number;
}

export const seatOf = (member: Member): Seat => ({
  member,
  hash: hashOf(`${member.address} ${member.endpoint.url.href}`),
  fitness: 'fit',
  weight: 0,
  credit: 0,
});

const levelOf = (seats: readonly Seat[]): Level => ({
  seats,
  meanWeight: seats.reduce((sum, { member }) => sum + member.endpoint.weight, 0) / seats.length,
  size: 0,
  usable: 0,
});

/**
 * The most preferred first: by priority, and within one those of this zone before all others (Istio's locality failover).
 * A `zone` of '' is a gateway that knows no zones.
 */
export const levelsOf = (seats: readonly Seat[], zone: string): readonly Level[] => {
  const rank = ({ member: { endpoint } }: Seat) =>
    2 * endpoint.priority + (zone !== '' && endpoint.zone !== zone ? 1 : 0);
  const ranks = [...new Set(seats.map(rank))].toSorted((one, other) => one - other);
  return ranks.map((wanted) => levelOf(seats.filter((seat) => rank(seat) === wanted)));
};
