import type { Member } from '../member.ts';
import type { Fitness } from './fitness.ts';
import { hashOf } from './hash.ts';

/**
 * A member that calls may go to. Its mutable fields are set again for each call, so that choosing allocates nothing.
 */
export interface Seat {
  readonly member: Member;
  /** Hash of its address, for rendezvous hashing. */
  readonly hash: number;
  fitness: Fitness;
  /** Weight in the choice for one call; 0 if it takes no part. */
  weight: number;
  /** Credit of smooth weighted round robin. Kept between calls. */
  credit: number;
}

/** Candidates of one preference. The next level receives the calls that this one cannot carry. */
export interface Level {
  readonly seats: readonly Seat[];
  /** Mean of the configured weights. */
  readonly meanWeight: number;
  /** Number of endpoints without drained ones. */
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
 * Groups candidates into levels, the most preferred first: by priority, then those of the gateway's zone before all
 * others (Istio's locality failover). A `zone` of '' disables the latter.
 */
export const levelsOf = (seats: readonly Seat[], zone: string): readonly Level[] => {
  const rank = ({ member: { endpoint } }: Seat) =>
    2 * endpoint.priority + (zone !== '' && endpoint.zone !== zone ? 1 : 0);
  const ranks = [...new Set(seats.map(rank))].toSorted((one, other) => one - other);
  return ranks.map((wanted) => levelOf(seats.filter((seat) => rank(seat) === wanted)));
};
