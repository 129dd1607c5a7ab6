import { Secret } from '../../config/secrets/secret.ts';
import { accessTokenOf } from '../../request/access-token.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { type CallSubject, callSubject } from '../../upstream/credentials/call-subject.ts';
import type { UpstreamDefinition } from '../define/upstream-options.ts';
import type { UpstreamAuth } from './auth-options.ts';

interface Auth {
  readonly auth?: UpstreamAuth | undefined;
}

type Credentials = Pick<UpstreamDefinition, 'headers'> & Auth;

/** The header that `auth` sets, in lower case; null for none. */
export const authHeaderOf = ({ auth }: Auth): string | null => {
  if (auth === undefined) return null;
  return auth.apiKey === undefined ? 'authorization' : (auth.apiKey.header?.toLowerCase() ?? null);
};

/** The headers that a call must not set, in lower case, because the upstream sets them to a secret. */
export const secretHeadersOf = (definition: Credentials): ReadonlySet<string> => {
  const ofHeaders = Object.entries(definition.headers ?? {}).flatMap(([name, value]) =>
    value instanceof Secret ? name.toLowerCase() : [],
  );
  const ofAuth = authHeaderOf(definition);
  return new Set(ofAuth === null ? ofHeaders : [...ofHeaders, ofAuth]);
};

/** True if the credentials are issued for each caller, so that the upstream can distinguish callers. */
export const isOfCaller = ({ auth }: Auth): boolean =>
  auth?.tokenExchange !== undefined || auth?.internalToken !== undefined;

/**
 * The caller for the credentials of an upstream; undefined for credentials that are the same for all callers. Its key is
 * part of all keys of flights, loaders and caches.
 */
export const callSubjectOf = (definition: Auth, request: RequestContext): CallSubject | undefined => {
  if (!isOfCaller(definition)) return undefined;
  return callSubject(request.principal, definition.auth?.tokenExchange === undefined ? null : accessTokenOf(request));
};

/** True if the gateway authenticates itself, so that a 401 refuses the gateway and not the client. */
export const hasOwnCredentials = (definition: Credentials): boolean =>
  definition.auth !== undefined || Object.values(definition.headers ?? {}).some((value) => value instanceof Secret);
