import type { Standing } from '../circuits.ts';
import type { CircuitSettings } from '../traffic.ts';
import type { Circuit, HalfOpen, Open } from './state.ts';

/** How many times `consecutiveFailures` in a row it takes to call an endpoint dead before a probe has failed. */
const DEAD_AFTER = 4;

/** Whether nothing but failures is to be expected. */
const isDead = (circuit: Open | HalfOpen, { consecutiveFailures }: CircuitSettings): boolean =>
  circuit.silence === 'probed' || circuit.failures >= DEAD_AFTER * consecutiveFailures;

/**
 * What a circuit says about one more attempt, now.
 *
 * A probe is a read, since a write that fails is somebody's loss. Only where no read has come for `openMs` is a write let
 * through as one: an upstream that is only ever written to would be out for good otherwise.
 */
export const standingOf = (circuit: Circuit, isRead: boolean, now: number, settings: CircuitSettings): Standing => {
  switch (circuit.state) {
    case 'closed':
      return 'admitted';
    case 'open':
      if (now < circuit.until && circuit.cause.is === 'asked') return 'paused';
      if (now >= circuit.until + (isRead ? 0 : settings.openMs)) return 'admitted';
      break;
    case 'half-open':
      if (circuit.probes < settings.halfOpenProbes && (isRead || now >= circuit.freeSince + settings.openMs))
        return 'admitted';
      break;
    default:
      return circuit satisfies never;
  }
  return isDead(circuit, settings) ? 'dead' : 'ejected';
};
