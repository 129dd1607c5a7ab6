import { type Call, callerOf } from '../call.ts';
import type { Member } from '../member.ts';
import type { Steering } from '../steering.ts';

/** What an endpoint is good for, as far as one call is concerned. */
export type Fitness =
  | 'fit'
  /** Its circuit has been open and would let a probe through. */
  | 'due'
  /** Its circuit is open, and too many are. */
  | 'spared'
  /** Its circuit is open. */
  | 'ejected'
  /** Its checks fail. */
  | 'down'
  | 'dead'
  /** An operator holds its circuit open. */
  | 'held open'
  /** Its own `Retry-After` is not over. */
  | 'paused'
  /** Its `Retry-After` for this caller is not over. */
  | 'paused for this caller'
  /** Taken out on purpose: by an operator, or because it has left the list. */
  | 'drained';

/** Fitness of an endpoint for one call, now. */
export const fitnessOf = (member: Member, call: Call, steering: Steering, now: number): Fitness => {
  if (member.draining || steering.drained(member.address)) return 'drained';
  const held = steering.circuit(member.address);
  if (held === 'open') return 'held open';
  const caller = callerOf(call);
  if (held === null && member.callerPauses.pausedFor(caller, now) > 0) return 'paused for this caller';
  const standing = member.circuits.standing(call.route, call.idempotent, caller);
  switch (standing) {
    case 'dead':
    case 'paused':
      return standing;
    case 'ejected':
      return member.checked === 'down' ? 'down' : 'ejected';
    case 'admitted':
      if (member.checked === 'down') return 'down';
      if (member.circuits.openSince(call.route) === null) return 'fit';
      // Held closed by an operator it is no probe, however long the circuit itself has been open.
      return held === null ? 'due' : 'fit';
    default:
      return standing satisfies never;
  }
};
