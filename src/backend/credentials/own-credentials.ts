import { Secret } from '../../config/secrets/secret.ts';
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

/** True if the gateway authenticates itself, so that a 401 refuses the gateway and not the client. */
export const hasOwnCredentials = (definition: Credentials): boolean =>
  definition.auth !== undefined || Object.values(definition.headers ?? {}).some((value) => value instanceof Secret);
