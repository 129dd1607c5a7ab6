import { buildConnector } from 'undici';
import type { EgressGuard } from './egress-guard.ts';

/**
 * undici's connector, which connects only to addresses that the guard allows: names are resolved by the guard, and
 * addresses are checked before the connect. `host` is the name for which the address of the target was found.
 */
export const guardedConnector = (
  options: buildConnector.BuildOptions,
  guard: EgressGuard,
  host?: string,
): buildConnector.connector => {
  const connector = buildConnector({ ...options, lookup: guard.lookup });
  return (target, connected) => {
    const refused = guard.refusedAddress(host ?? target.hostname, target.hostname);
    if (refused === null) return connector(target, connected);
    // undici expects its callback after the connector has returned.
    setImmediate(() => connected(refused, null));
    return undefined;
  };
};
