import type { BalancePolicy } from '../../options.ts';
import type { Choose } from '../candidate.ts';
import { hashOf } from './hash.ts';
import { rendezvous } from './rendezvous.ts';
import { roundRobin } from './round-robin.ts';
import { leastRequestOfTwo, peakEwmaOfTwo } from './two-choices.ts';
import { weightedRandom } from './weighted-random.ts';

const sticky = (random: () => number): Choose => {
  const anywhere = peakEwmaOfTwo(random);
  return (choice) => {
    const { affinity } = choice.call;
    if (affinity === undefined || affinity === null) return anywhere(choice);
    return rendezvous(choice.level.candidates, hashOf(affinity));
  };
};

export const policyOf = (policy: BalancePolicy, random: () => number): Choose => {
  switch (policy) {
    case 'peak-ewma':
      return peakEwmaOfTwo(random);
    case 'least-request':
      return leastRequestOfTwo(random);
    case 'round-robin':
      return roundRobin;
    case 'random':
      return weightedRandom(random);
    default:
      policy satisfies { readonly hash: unknown };
      return sticky(random);
  }
};
