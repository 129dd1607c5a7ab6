import type { Member } from '../member.ts';
import type { Steering } from '../steering.ts';

/** Whether an endpoint takes calls now, whichever they are: neither an operator nor its checks nor its circuits keep it out. */
export const takesCalls = ({ draining, checked, address, circuits }: Member, steering: Steering): boolean =>
  !draining && checked === 'up' && !steering.drained(address) && !circuits.isOpen();

/**
 * How many calls have a connection of their own, where an endpoint has so many of them: those of endpoints that take no calls
 * help nobody. Where none does it is as if one did: that calls are refused then is no matter of room.
 */
export const capacityOf =
  (members: { readonly current: readonly Member[] }, connections: number, steering: Steering): (() => number) =>
  () => {
    let able = 0;
    for (const member of members.current) if (takesCalls(member, steering)) able += 1;
    return connections * Math.max(able, 1);
  };
