import type { Call } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Member } from '../endpoints/member.ts';
import { type Aperture, splitByAperture } from './aperture.ts';
import { hashOf } from './policy/hash.ts';

/** Candidates of one level for one call: those with a weight. */
export interface Choice {
  readonly level: Level;
  /** Sum of the weights. Greater than 0. */
  readonly total: number;
  /**
   * True if unhealthy endpoints take part. Only weights count then: by latency, one survivor would receive every call.
   */
  readonly panic: boolean;
  readonly call: Call;
  readonly now: number;
}

/** Chooses a candidate. Null if none has a weight. */
export type Choose = (choice: Choice) => Candidate | null;

/** Eligibility of an endpoint for one call. */
export type Eligibility =
  | 'healthy'
  /** Its circuit is open or half-open and admits this call as a probe. */
  | 'probe'
  /** Its circuit is open, and the ejection cap keeps it in use. */
  | 'kept'
  /** Its circuit is open. */
  | 'ejected'
  /** Its checks fail. */
  | 'down'
  | 'dead'
  /** An operator holds its circuit open. */
  | 'held open'
  /** Its `Retry-After` has not passed. */
  | 'paused'
  /** Its `Retry-After` for this caller has not passed. */
  | 'paused for this caller'
  /** Removed from the list, or drained by an operator. */
  | 'drained';

/** A member that calls may go to. Its mutable fields, except `credit`, are set again for each call. */
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

const WHOLE: Aperture = { size: Number.POSITIVE_INFINITY, position: 0 };

const levelOf = (candidates: readonly Candidate[]): Level => ({
  candidates,
  meanWeight: candidates.reduce((sum, { member }) => sum + member.endpoint.weight, 0) / candidates.length,
  size: 0,
  usable: 0,
});

/** Where a gateway or an endpoint runs. '' stands for an unknown zone or region. */
export interface Locality {
  readonly zone: string;
  readonly region: string;
}

/** Locality of an endpoint: its option `zone` and its labels `zone` and `region`. */
export const localityOf = ({ zone, labels }: Endpoint): Locality => ({
  zone: zone || (labels.zone ?? ''),
  region: labels.region ?? '',
});

/** 0 for the gateway's own zone, 1 for its region, 2 for elsewhere. Zones of different regions may share a name. */
const distance = (own: Locality, { zone, region }: Locality): number => {
  const isForeign = own.region !== '' && region !== own.region;
  if (own.zone !== '' && zone === own.zone && !(isForeign && region !== '')) return 0;
  return isForeign ? 2 : 1;
};

/**
 * Groups candidates into levels, the most preferred first: by priority, then those of the gateway's zone, then those of
 * its region, then all others (Istio's locality failover). An unknown zone or region of the gateway is not compared. Of
 * each, those in the gateway's aperture come before the others.
 */
export const levelsOf = (
  candidates: readonly Candidate[],
  own: Locality,
  aperture: Aperture = WHOLE,
): readonly Level[] => {
  const rank = ({ member: { endpoint } }: Candidate) => 3 * endpoint.priority + distance(own, localityOf(endpoint));
  const ranks = [...new Set(candidates.map(rank))].toSorted((one, other) => one - other);
  return ranks
    .flatMap((preference) =>
      splitByAperture(
        candidates.filter((candidate) => rank(candidate) === preference),
        aperture,
      ),
    )
    .map(levelOf);
};
