import type { Standing } from '../circuits.ts';
import type { CircuitSettings } from '../traffic.ts';
import { concerns, type Origin } from './origin.ts';
import type { Circuit, HalfOpen, Open } from './state.ts';

/** How many times `consecutiveFailures` in a row it takes to call an endpoint dead before a probe has failed. */
const DEAD_AFTER = 4;

/** True where nothing but failures is to be expected for an attempt of this origin. */
const isDead = (circuit: Open | HalfOpen, origin: Origin, { consecutiveFailures }: CircuitSettings): boolean =>
  (circuit.silence === 'probed' || circuit.failures >= DEAD_AFTER * consecutiveFailures) &&
  concerns(circuit.origin, origin);

/** An attempt that is to be sent. */
export interface Asking extends Origin {
  readonly isRead: boolean;
}

/**
 * Standing of a circuit for one more attempt, now.
 *
 * A probe is a read, since a write that fails is somebody's loss. Only where no read has come for `openMs` is a write let
 * through as one: an upstream that is only ever written to would be out for good otherwise.
 */
export const standingOf = (circuit: Circuit, asking: Asking, now: number, settings: CircuitSettings): Standing => {
  const { isRead } = asking;
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
  return isDead(circuit, asking, settings) ? 'dead' : 'ejected';
};
