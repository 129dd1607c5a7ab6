import type { Endpoint } from '../endpoints/endpoint.ts';

type Headers = Readonly<Record<string, string>>;

const pathBelow = (base: string, { pathname, search, hash }: URL): string => {
  const isBelow = pathname === base || pathname.startsWith(`${base}/`);
  return (isBelow ? pathname.slice(base.length) : pathname) + search + hash;
};

/**
 * The headers of a passed answer with a `location` at the endpoint itself as a path below its base path. Clients do not
 * reach the endpoint, and its name is not public. Locations at other origins are unchanged.
 */
export const withOwnLocation = (headers: Headers, { url }: Endpoint, basePath: string): Headers => {
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, url)) return headers;
  const target = new URL(location, url);
  // A relative reference is relative to the target of the call, which a route maps itself.
  if (target.origin !== url.origin || !/^(?:\/|[a-z][a-z\d+.-]*:)/i.test(location)) return headers;
  return { ...headers, location: pathBelow(basePath, target) };
};
