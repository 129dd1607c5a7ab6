/** Stands for the endpoint: a module does not see its address. */
const ENDPOINT = 'http://endpoint.invalid';

/**
 * The `Location` of an answer (RFC 9110, 10.2.2), resolved against the target of its request. A location without a host
 * is a path with its query; with a host it is a URL without credentials. Null if it is absent or no HTTP address.
 */
export const locationOf = (location: string | undefined, target: string): string | null => {
  if (location === undefined) return null;
  const url = URL.parse(location, ENDPOINT + target);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.origin === ENDPOINT) return url.pathname + url.search + url.hash;
  url.username = '';
  url.password = '';
  return url.href;
};
