import { z } from 'zod';
import { partsOf } from './text.ts';

/** Simple names only: a name with other characters of RFC 9110 is a mistake here. */
const NAME = /^[a-z][a-z\d_-]{0,99}$/;

/** Headers by which the gateway itself identifies a request, or that belong to one connection or message. */
const OWN: ReadonlySet<string> = new Set([
  ...['authorization', 'cookie', 'x-api-key', 'dpop', 'host', 'origin', 'x-request-id', 'traceparent', 'tracestate'],
  ...['connection', 'content-encoding', 'content-length', 'content-type', 'expect', 'http2-settings', 'keep-alive'],
  ...['proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['forwarded', 'x-real-ip', 'set-cookie', 'idempotency-key', 'apollo-require-preflight'],
]);

const isOwn = (name: string): boolean =>
  OWN.has(name) ||
  /^x-(?:forwarded|client|original)-/.test(name) ||
  name.startsWith('sec-') ||
  name.startsWith('access-control-');

const LIST = 'must be names of headers such as x-user-plan, separated by commas';

/* Kinds of values of the variables `EXT_AUTHZ_*`. */

const names = (
  text: string,
  context: z.RefinementCtx,
  isRefused: (name: string) => string | null,
): readonly string[] => {
  const found = partsOf(text.toLowerCase());
  const faults = found.flatMap((name) => (NAME.test(name) ? (isRefused(name) ?? []) : LIST));
  for (const fault of new Set(faults)) context.addIssue(fault);
  return [...new Set(found)];
};

const ALWAYS = new Set(['authorization', 'cookie', 'x-api-key', 'dpop', 'origin', 'content-type']);

/** Headers of the client that the service receives. Cookies only if they are declared: one may be a session of the gateway. */
export const checkedHeaders = z
  .string()
  .transform((text, context) =>
    names(text, context, (name) =>
      isOwn(name) && !ALWAYS.has(name)
        ? `must not have ${name}: the gateway sets it itself, or it is never sent`
        : null,
    ),
  )
  .default(['authorization']);

/** Headers of the service that backends may receive. */
export const suppliedHeaders = z
  .string()
  .transform((text, context) =>
    names(text, context, (name) => (isOwn(name) ? `must not have ${name}: it has a meaning of its own` : null)),
  )
  .default([]);

/** Headers of a refusal of the service that the client receives. */
export const deniedHeaders = z
  .string()
  .transform((text, context) =>
    names(text, context, (name) =>
      isOwn(name) || name === 'location' ? `must not have ${name}: the gateway answers with an error in JSON` : null,
    ),
  )
  .default(['www-authenticate']);

/** Claims of tokens that the gateway or its modules decide by. */
const REGISTERED = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'scope',
  'scp',
  'roles',
  'cnf',
  '__proto__',
]);

const CLAIM = /^(?<claim>[A-Za-z_][\w.-]{0,99})=(?<header>[A-Za-z][\w-]{0,99})$/;

/** Claims of signed-in users that come from headers of the service: `plan=x-user-plan`. */
export const suppliedClaims = z
  .string()
  .transform((text, context): ReadonlyMap<string, string> => {
    const claims = new Map<string, string>();
    for (const part of partsOf(text)) {
      const { claim = '', header = '' } = CLAIM.exec(part)?.groups ?? {};
      if (claim === '')
        context.addIssue('must be claims with their headers such as plan=x-user-plan, separated by commas');
      else if (REGISTERED.has(claim)) context.addIssue(`must not have ${claim}: it is that of the token`);
      else if (isOwn(header.toLowerCase())) context.addIssue(`must not have ${header}: it has a meaning of its own`);
      claims.set(claim, header.toLowerCase());
    }
    return claims;
  })
  .default(new Map());
