import type { EndpointLoads } from '../../load/endpoint-loads.ts';
import type { Choose } from '../candidate.ts';
import type { BalancePolicy } from '../policy-option.ts';
import { hashOf } from './hash.ts';
import { probing } from './probing.ts';
import { rendezvous } from './rendezvous.ts';
import { byReportedLoad } from './reported-load.ts';
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

/** The choice of a policy. `loads` are those of the upstream. */
export const policyOf = (policy: BalancePolicy, random: () => number, loads: EndpointLoads): Choose => {
  switch (policy) {
    case 'peak-ewma':
      return peakEwmaOfTwo(random);
    case 'least-request':
      return leastRequestOfTwo(random);
    case 'round-robin':
      return roundRobin;
    case 'random':
      return weightedRandom(random);
    case 'probing':
      return probing(loads.probes, random);
    case 'load-reports':
      return byReportedLoad(loads.weights);
    default:
      policy satisfies { readonly hash: unknown };
      return sticky(random);
  }
};
