import type { Endpoint } from '../endpoints/endpoint.ts';

type Headers = Readonly<Record<string, string>>;

/** The targets and anchors of a `Link` header (RFC 8288, 3). */
const LINK_REFERENCES = /<([^>]*)>|(\banchor\s*=\s*)(?:"([^"]*)"|([^\s;,"]+))/gi;

const mapLinks = (value: string, map: (reference: string) => string): string =>
  value.replace(LINK_REFERENCES, (_all, target?: string, name = '', quoted?: string, bare?: string) =>
    target === undefined ? `${name}"${map(quoted ?? bare ?? '')}"` : `<${map(target)}>`,
  );

/** Changes the URI references in `location`, `content-location` and `link`. */
export const mapReferences = <Received extends Headers>(
  headers: Received,
  map: (reference: string) => string,
): Received => {
  const { location, 'content-location': content, link } = headers;
  if (location === undefined && content === undefined && link === undefined) return headers;
  return {
    ...headers,
    ...(location !== undefined && { location: map(location) }),
    ...(content !== undefined && { 'content-location': map(content) }),
    ...(link !== undefined && { link: mapLinks(link, map) }),
  };
};

/** The path below `base`. It has one slash in front: a browser takes two for the host of another site. */
const pathBelow = (base: string, { pathname, search, hash }: URL): string => {
  const isBelow = pathname === base || pathname.startsWith(`${base}/`);
  const path = isBelow ? pathname.slice(base.length) : pathname;
  return path.replace(/^[/\\]*/, '/') + search + hash;
};

/** A relative reference is relative to the target of the call, which a route maps itself. */
const IS_ABSOLUTE = /^(?:[/\\]|[a-z][a-z\d+.-]*:)/i;

const isOwn = (target: URL, { host }: URL): boolean => target.host === host && /^https?:$/.test(target.protocol);

/**
 * The headers of a passed answer, in which references to the endpoint itself are paths below its base path. Clients do
 * not reach the endpoint, and its name is not public. References to other origins are unchanged.
 */
export const withOwnReferences = (headers: Headers, { url }: Endpoint, basePath: string): Headers =>
  mapReferences(headers, (reference) => {
    if (!IS_ABSOLUTE.test(reference) || !URL.canParse(reference, url)) return reference;
    const target = new URL(reference, url);
    return isOwn(target, url) ? pathBelow(basePath, target) : reference;
  });
