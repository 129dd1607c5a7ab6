import { type Call, callerOf } from '../call.ts';
import type { Member } from '../member.ts';
import type { Steering } from '../steering.ts';

/** Eligibility of an endpoint for one call. */
export type Eligibility =
  | 'healthy'
  /** Its circuit is open or half-open and admits this call as a probe. */
  | 'probe'
  /** Its circuit is open, and the ejection cap keeps it in use. */
  | 'kept'
  /** Its circuit is open. */
  | 'ejected'
  /** Its checks fail. */
  | 'down'
  | 'dead'
  /** An operator holds its circuit open. */
  | 'held open'
  /** Its `Retry-After` has not passed. */
  | 'paused'
  /** Its `Retry-After` for this caller has not passed. */
  | 'paused for this caller'
  /** Removed from the list, or drained by an operator. */
  | 'drained';

/** Returns the eligibility of an endpoint for one call. */
export const eligibilityOf = (member: Member, call: Call, steering: Steering, now: number): Eligibility => {
  if (member.draining || steering.drained(member.address)) return 'drained';
  const held = steering.circuit(member.address);
  if (held === 'open') return 'held open';
  const caller = callerOf(call);
  if (held === null && member.callerPauses.pausedFor(caller, now) > 0) return 'paused for this caller';
  const admission = member.circuits.admission(call.route, call.idempotent, caller);
  switch (admission) {
    case 'dead':
    case 'paused':
      return admission;
    case 'ejected':
      return member.checked === 'down' ? 'down' : 'ejected';
    case 'admitted':
      if (member.checked === 'down') return 'down';
      if (member.circuits.openSince(call.route) === null) return 'healthy';
      // A call is no probe while an operator holds the circuit closed.
      return held === null ? 'probe' : 'healthy';
    default:
      return admission satisfies never;
  }
};
