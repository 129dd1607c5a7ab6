import type { Member } from '../endpoints/member.ts';
import type { ActiveOverrides } from '../operations/active-overrides.ts';

/** True if an endpoint accepts calls now: no override, health check or circuit keeps it out. */
export const takesCalls = ({ draining, checked, address, circuits }: Member, overrides: ActiveOverrides): boolean =>
  !draining && checked === 'up' && !overrides.drained(address) && !circuits.isOpen();

/**
 * Number of calls for which the usable endpoints have a connection each. With no usable endpoint, one is assumed:
 * rejecting the call is the balancer's job.
 */
export const capacityOf =
  (members: { readonly current: readonly Member[] }, connections: number, overrides: ActiveOverrides): (() => number) =>
  () => {
    let able = 0;
    for (const member of members.current) if (takesCalls(member, overrides)) able += 1;
    return connections * Math.max(able, 1);
  };
