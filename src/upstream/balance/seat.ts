import type { Member } from '../member.ts';
import type { Eligibility } from './fitness.ts';
import { hashOf } from './hash.ts';

/**
 * A member that calls may go to. Its mutable fields are set again for each call, so that choosing allocates nothing.
 */
export interface Candidate {
  readonly member: Member;
  /** Hash of its address, for rendezvous hashing. */
  readonly hash: number;
  eligibility: Eligibility;
  /** Weight in the choice for one call; 0 if it takes no part. */
  weight: number;
  /** Credit of smooth weighted round robin. Kept between calls. */
  credit: number;
}

/** Candidates of one preference. The next level receives the calls that this one cannot carry. */
export interface Level {
  readonly candidates: readonly Candidate[];
  /** Mean of the configured weights. */
  readonly meanWeight: number;
  /** Number of endpoints without drained ones. */
  size: number;
  usable: number;
}

export const candidateOf = (member: Member): Candidate => ({
  member,
  hash: hashOf(`${member.address} ${member.endpoint.url.href}`),
  eligibility: 'healthy',
  weight: 0,
  credit: 0,
});

const levelOf = (candidates: readonly Candidate[]): Level => ({
  candidates,
  meanWeight: candidates.reduce((sum, { member }) => sum + member.endpoint.weight, 0) / candidates.length,
  size: 0,
  usable: 0,
});

/**
 * Groups candidates into levels, the most preferred first: by priority, then those of the gateway's zone before all
 * others (Istio's locality failover). A `zone` of '' disables the latter.
 */
export const levelsOf = (candidates: readonly Candidate[], zone: string): readonly Level[] => {
  const rank = ({ member: { endpoint } }: Candidate) =>
    2 * endpoint.priority + (zone !== '' && endpoint.zone !== zone ? 1 : 0);
  const ranks = [...new Set(candidates.map(rank))].toSorted((one, other) => one - other);
  return ranks.map((wanted) => levelOf(candidates.filter((candidate) => rank(candidate) === wanted)));
};
