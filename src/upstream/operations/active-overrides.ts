import type { InjectedFault } from '../faults/fault-options.ts';
import type { RouteSettings, Weights } from '../routing/route-options.ts';

/** Overrides of one upstream, evaluated by layers at every call. */
export interface ActiveOverrides {
  /** Timeout of one attempt in milliseconds; null without an override. */
  timeoutMs(): number | null;
  /** False while retries are switched off. */
  retries(): boolean;
  /** False while hedging is switched off. */
  hedging(): boolean;
  /** True if this endpoint receives no new calls. */
  drained(address: string): boolean;
  /** Weights of the last route; null without an override. The same object until the overrides change. */
  weights(): Weights | null;
  /** Routes before those of the module; null without an override. The same list until the overrides change. */
  routes(): readonly RouteSettings[] | null;
  /** Faults for a share of the attempts; null without an override. */
  faults(): readonly InjectedFault[] | null;
  /** State in which the endpoint's circuit is held; null without an override. */
  circuit(address: string): 'open' | 'closed' | null;
}

/** No override. */
export const NO_OVERRIDES: ActiveOverrides = {
  timeoutMs: () => null,
  retries: () => true,
  hedging: () => true,
  drained: () => false,
  weights: () => null,
  routes: () => null,
  faults: () => null,
  circuit: () => null,
};
