import type { Call } from '../call.ts';
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
  /** Its circuit is open, and there is no other endpoint that could do worse for it. */
  | 'open'
  /** Its checks fail. */
  | 'down'
  | 'dead'
  /** An operator holds its circuit open. */
  | 'held open'
  | 'paused'
  /** Taken out on purpose: by an operator, or because it has left the list. */
  | 'drained';

/** `lone`: whether the upstream has no other endpoint. */
export const fitnessOf = (member: Member, lone: boolean, call: Call, steering: Steering): Fitness => {
  if (member.draining || steering.drained(member.address)) return 'drained';
  if (steering.circuit(member.address) === 'open') return 'held open';
  const standing = member.circuits.standing(call.route, call.idempotent);
  switch (standing) {
    case 'dead':
    case 'paused':
      return standing;
    case 'ejected':
      if (lone) return 'open';
      return member.checked === 'down' ? 'down' : 'ejected';
    case 'admitted':
      if (member.checked === 'down') return 'down';
      if (member.circuits.openSince(call.route) === null) return 'fit';
      // Held closed by an operator it is no probe, however long the circuit itself has been open.
      return steering.circuit(member.address) === null ? 'due' : 'fit';
    default:
      return standing satisfies never;
  }
};
