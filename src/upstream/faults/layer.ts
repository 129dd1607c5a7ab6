import type { Call, Layer } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import { sleep } from '../retry/sleep.ts';
import { type Condition, conditionOf } from '../routing/condition.ts';
import type { InjectedFault } from './fault-options.ts';
import type { InjectedError } from './injected-error.ts';

const conditions = new WeakMap<InjectedFault, Condition>();

/** The condition about the client's request, compiled once for each fault. */
const conditionFor = (fault: InjectedFault): Condition => {
  const known = conditions.get(fault);
  if (known !== undefined) return known;
  const made = conditionOf({ header: fault.header });
  conditions.set(fault, made);
  return made;
};

const concerns = (fault: InjectedFault, call: Call): boolean => {
  const { route, subset, header } = fault;
  if (route !== undefined && route !== call.route) return false;
  if (subset !== undefined && subset !== call.subset?.name) return false;
  return header === undefined || (call.origin !== undefined && conditionFor(fault)(call.origin));
};

/**
 * Delays or aborts a share of the attempts, as operators set it. An injected abort is an error of the endpoint for all
 * outer layers: it counts for circuits, retries and canaries. Nothing is sent, so it is no attempt on the network. Null
 * disables it.
 */
export const faults = (errorOf: InjectedError | null, { clock, random, overrides }: LayerDependencies): Layer => {
  if (errorOf === null) return (next) => next;
  return (next) => async (call) => {
    for (const fault of overrides.faults() ?? []) {
      if (!concerns(fault, call) || random() >= fault.share) continue;
      if (fault.delayMs !== undefined) await sleep(fault.delayMs, call.signal, clock);
      if (fault.abort !== undefined) throw errorOf(call, fault.abort);
    }
    return next(call);
  };
};
