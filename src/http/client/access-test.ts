import { networkTest } from '../../config/ip-address.ts';
import type { AccessRule } from '../../config/network/access-rules.ts';

/** True if a client with this address may request this route; `route` is its path, null for none. */
export type AccessTest = (address: string, route: string | null) => boolean;

const isWithin = (route: string | null, path: string): boolean => {
  if (route === null) return false;
  const start = path.endsWith('/') ? path : `${path}/`;
  return route === path || route.startsWith(start);
};

/**
 * Creates a test by rules: the first one with the address and the route of a request decides, as in NGINX. A request
 * without a rule is allowed. Rules with a path name the routes of the gateway, not the URLs of requests, so that no
 * spelling of a URL evades them.
 */
export const accessTest = (rules: readonly AccessRule[]): AccessTest => {
  const tests = rules.map(({ is, networks, path }) => ({
    isAllowed: is === 'allow',
    has: networkTest(networks),
    path,
  }));
  return (address, route) =>
    tests.find(({ has, path }) => (path === null || isWithin(route, path)) && has(address))?.isAllowed ?? true;
};
