import { networkTest } from '../../config/ip-address.ts';
import type { AccessRule } from '../../config/network/access-rules.ts';

/** The route of a request, or its URL. */
export interface RequestPlace {
  /** Path of the route; null, or a wildcard, for a request without a route of its own. */
  readonly route: string | null;
  /** Path and query as received. */
  readonly url: string;
}

/** True if a client with this address may send a request to this place. */
export type AccessTest = (address: string, place: RequestPlace) => boolean;

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

const isRouteWithin = (route: string, path: string): boolean => {
  const start = path.endsWith('/') ? path : `${path}/`;
  return route === path || route.startsWith(start);
};

/** True for a URL that a route of this path could have, or one below it. A variable matches any segment. */
const isUrlWithin = (url: string, path: string): boolean => {
  const [urlPath = ''] = url.split(/[?#]/, 1);
  const segments = urlPath.split('/');
  return path
    .split('/')
    .every(
      (text, at) =>
        segments[at] !== undefined && (text === '' || text.startsWith('{') || text === decoded(segments[at])),
    );
};

/** True for a request to this path or below it: by its route, or by its URL if it has none. */
export const isWithinPath = ({ route, url }: RequestPlace, path: string): boolean =>
  route?.startsWith('/') ? isRouteWithin(route, path) : isUrlWithin(url, path);

/**
 * Creates a test by rules: the first one with the address and the route of a request decides, as in NGINX. A request
 * without a rule is allowed.
 *
 * Rules with a path name the routes of the gateway, not the URLs of requests, so that no spelling of a URL evades them. For
 * a request without a route its URL decides: 404 or 405 would show a denied address which routes exist.
 */
export const accessTest = (rules: readonly AccessRule[]): AccessTest => {
  const tests = rules.map(({ is, networks, path }) => ({
    isAllowed: is === 'allow',
    has: networkTest(networks),
    path,
  }));
  return (address, place) =>
    tests.find(({ has, path }) => (path === null || isWithinPath(place, path)) && has(address))?.isAllowed ?? true;
};
