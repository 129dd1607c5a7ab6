import { copyOf, type Layer } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import type { Router } from './router.ts';

/**
 * Chooses the subset of endpoints for each call, before anything is shared or kept: calls of different subsets share no
 * flight. All attempts of a call stay in its subset, or in the fallback of it. Null without routes.
 */
export const routing = (router: Router | null, { report }: Pick<LayerDependencies, 'report'>): Layer => {
  if (router === null) return (next) => next;
  return (next) => (call) => {
    const routed = copyOf(call);
    routed.subset = router.choose(call.origin);
    report({ is: 'routed', route: call.route, subset: routed.subset.name });
    return next(routed);
  };
};
