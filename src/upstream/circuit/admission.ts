import type { CircuitSettings } from '../options.ts';
import type { Admission } from './circuit.ts';
import { type AttemptOrigin, concerns } from './origin.ts';
import type { Circuit, HalfOpen, Open } from './state.ts';

/** An endpoint is dead after this many times `consecutiveFailures` in a row, even before a probe has failed. */
const DEAD_AFTER = 4;

/** True if an attempt of this origin can only be expected to fail. */
const isDead = (circuit: Open | HalfOpen, origin: AttemptOrigin, { consecutiveFailures }: CircuitSettings): boolean =>
  (circuit.failureStreak === 'probed' || circuit.failures >= DEAD_AFTER * consecutiveFailures) &&
  concerns(circuit.origin, origin);

/** An attempt before it is sent. */
export interface AttemptRequest extends AttemptOrigin {
  readonly isRead: boolean;
}

/**
 * Admission of one more attempt, now.
 *
 * Probes are reads, because a failed write is lost. A write becomes a probe only if no read has come for `openMs`;
 * otherwise an upstream that receives only writes would stay ejected forever.
 */
export const admissionOf = (
  circuit: Circuit,
  attempt: AttemptRequest,
  now: number,
  settings: CircuitSettings,
): Admission => {
  const { isRead } = attempt;
  switch (circuit.state) {
    case 'closed':
      return 'admitted';
    case 'open':
      if (now < circuit.until && circuit.cause.is === 'retry-after') return 'paused';
      if (now >= circuit.until + (isRead ? 0 : settings.openMs)) return 'admitted';
      break;
    case 'half-open':
      if (circuit.probes < settings.halfOpenProbes && (isRead || now >= circuit.freeSince + settings.openMs))
        return 'admitted';
      break;
    default:
      return circuit satisfies never;
  }
  return isDead(circuit, attempt, settings) ? 'dead' : 'ejected';
};
