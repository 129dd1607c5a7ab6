import { z } from 'zod';

/** Headers of every response by name in lower case: a value, or null for none. */
export type ResponseHeaders = Readonly<Record<string, string | null>>;

const FORM = 'must be a JSON object of headers such as {"permissions-policy": "camera=()", "referrer-policy": null}';

/** Headers that belong to another variable, with its name. */
const OF_VARIABLES: readonly (readonly [prefix: string, variable: string])[] = [
  ['access-control-', 'CORS_ORIGINS'],
  ['strict-transport-security', 'HSTS'],
];

/** Headers that the gateway sets for one response: framing, body, caching, credentials, limits and ids. */
const OWN: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'date'],
  ...['content-type', 'content-length', 'content-encoding', 'content-range', 'content-location', 'content-disposition'],
  ...['accept-ranges', 'allow', 'location', 'refresh', 'retry-after', 'set-cookie', 'vary', 'age', 'etag', 'expires'],
  ...['last-modified', 'pragma', 'cache-control', 'cdn-cache-control', 'surrogate-control', 'surrogate-key'],
  ...['www-authenticate', 'proxy-authenticate', 'authentication-info', 'proxy-authentication-info', 'dpop-nonce'],
  ...['ratelimit', 'ratelimit-policy', 'x-request-id', 'x-trace-id', 'sec-websocket-accept', 'sec-websocket-protocol'],
  ...['sec-websocket-extensions', 'sec-websocket-version'],
]);

const NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
/** Visible ASCII with blanks between. */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?$/;
const MAX_HEADERS = 50;

const faultOf = (name: string, value: string | null): string | null => {
  if (!NAME.test(name)) return FORM;
  const variable = OF_VARIABLES.find(([prefix]) => name.startsWith(prefix))?.[1];
  if (variable !== undefined) return `has ${name}: set ${variable} instead`;
  if (OWN.has(name)) return `has ${name}, which the gateway sets itself: remove it`;
  if (value === null || VALUE.test(value)) return null;
  return `has a value of ${name} that cannot be sent: use 1 to 4,096 characters of visible ASCII`;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Changes of the headers of every response. Default none. */
export const responseHeaders = z
  .string()
  .transform((text, context): ResponseHeaders => {
    const read = z.record(z.string(), z.string().nullable()).safeParse(parsed(text));
    if (!read.success) {
      context.addIssue(FORM);
      return {};
    }
    const headers = Object.entries(read.data).map(([name, value]) => [name.toLowerCase(), value] as const);
    if (headers.length > MAX_HEADERS) context.addIssue(`has more than ${MAX_HEADERS} headers: remove some`);
    if (new Set(headers.map(([name]) => name)).size < headers.length)
      context.addIssue('has a header twice, in different case: remove one');
    for (const fault of new Set(headers.flatMap(([name, value]) => faultOf(name, value) ?? [])))
      context.addIssue(fault);
    return Object.fromEntries(headers);
  })
  .default({});
