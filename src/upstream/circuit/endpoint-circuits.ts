import type { LayerDependencies } from '../events.ts';
import type { CircuitSettings } from '../options.ts';
import { admissionOf } from './admission.ts';
import type { Admission, CircuitSnapshot, Circuits } from './circuit.ts';
import { type Kept, oneForAll, oneForEachRoute } from './circuits-by-route.ts';
import { describeChange } from './describe-change.ts';
import { OncePermit, type OnOutcome } from './permit.ts';
import { pausesOnly } from './retry-after-only.ts';
import { type Circuit, closed } from './state.ts';
import { endTransition, startTransition } from './transitions.ts';

const snapshotOf = ({ route, circuit }: Kept, now: number): CircuitSnapshot => ({
  route,
  state: circuit.state,
  failures: circuit.failures,
  opensForMs: circuit.state === 'open' ? Math.max(0, Math.ceil(circuit.until - now)) : null,
});

const breaking = (
  settings: CircuitSettings,
  { clock, random, report, overrides }: LayerDependencies,
  address: string,
): Circuits => {
  const register = settings.per === 'route' ? oneForEachRoute() : oneForAll();

  /** Replaces the state and reports a change. `why` is the reason of a reset; `failed` the code of the last failure. */
  const change = (
    kept: Kept,
    after: Circuit,
    { why, failed }: { why?: string; failed?: string | undefined } = {},
  ): void => {
    const before = kept.circuit;
    kept.circuit = after;
    if (before.generation === after.generation || !register.has(kept)) return;
    // A reset of a closed circuit clears its counts only: nothing to report.
    if (before.state === 'closed' && after.state === 'closed') return;
    const { route } = kept;
    report({
      is: 'circuit',
      address,
      route,
      to: after.state,
      reason: why ?? describeChange(before, after, settings, failed),
    });
  };

  const onOutcome: OnOutcome<Kept> = (outcome, permit, code) => {
    const { from: kept, generation } = permit;
    const after = endTransition(kept.circuit, generation, outcome, {
      now: clock.now(),
      random,
      settings,
      origin: permit,
    });
    change(kept, after, { failed: outcome.is === 'failure' || outcome.is === 'error' ? code : undefined });
  };

  return {
    admission: (route, isRead, caller): Admission => {
      const held = overrides.circuit(address);
      if (held !== null) return held === 'open' ? 'dead' : 'admitted';
      const kept = register.find(route);
      // The usual case, on every call for every endpoint, does not read the clock.
      if (kept === undefined || kept.circuit.state === 'closed') return 'admitted';
      return admissionOf(kept.circuit, { route, caller, isRead }, clock.now(), settings);
    },
    isOpen: () => {
      const held = overrides.circuit(address);
      if (held !== null) return held === 'open';
      let isOpen = false;
      for (const { circuit } of register.all()) {
        if (circuit.state === 'closed') return false;
        isOpen = true;
      }
      return isOpen;
    },
    openSince: (route) => {
      const circuit = register.find(route)?.circuit;
      return circuit === undefined || circuit.state === 'closed' ? null : circuit.since;
    },
    begin: (route, caller) => {
      const kept = register.use(route);
      if (kept.circuit.state !== 'closed') change(kept, startTransition(kept.circuit, clock.now()));
      return new OncePermit(onOutcome, kept, kept.circuit.generation, route, caller);
    },
    reset: (why) => {
      for (const kept of register.all()) change(kept, closed(kept.circuit.generation + 1), { why });
    },
    snapshot: () => Array.from(register.all(), (kept) => snapshotOf(kept, clock.now())),
  };
};

/**
 * Creates the circuits of the endpoint at this address, all closed. Without settings, only the endpoint's own pauses
 * (`Retry-After`) open them.
 */
export const circuitsOf = (
  settings: CircuitSettings | null,
  dependencies: LayerDependencies,
  address: string,
): Circuits => (settings === null ? pausesOnly(dependencies, address) : breaking(settings, dependencies, address));
