import { Secret } from '../../config/secrets/secret.ts';
import { type CurrentText, constantText } from '../../config/secrets/secret-store.ts';
import type { AuthSettings, CredentialSettings } from '../../upstream/credentials/call-credentials.ts';
import type { UpstreamDefinition } from '../define/upstream-options.ts';
import { AUTH, type AuthOptions } from './auth-options.ts';

/** Returns the text of a secret. */
export type SecretLookup = (secret: Secret) => CurrentText;

const authOf = (auth: AuthOptions, textOf: (value: string | Secret) => CurrentText): AuthSettings | null => {
  const { basic, bearer, apiKey, clientCredentials } = auth;
  if (basic !== undefined) return { by: 'basic', user: textOf(basic.user), password: textOf(basic.password) };
  if (bearer !== undefined) return { by: 'bearer', token: textOf(bearer) };
  if (apiKey !== undefined) {
    const value = textOf(apiKey.value);
    return apiKey.header === undefined
      ? { by: 'query', name: apiKey.query ?? '', value }
      : { by: 'header', name: apiKey.header.toLowerCase(), value };
  }
  if (clientCredentials === undefined) return null;
  const { tokenUrl, clientId, clientSecret, scopes, audience = null, authMethod } = clientCredentials;
  return {
    by: 'clientCredentials',
    tokenUrl: textOf(tokenUrl),
    clientId: textOf(clientId),
    clientSecret: textOf(clientSecret),
    scopes,
    audience,
    authMethod,
  };
};

/** Returns the headers and credentials of an upstream with their values; null if it has none. */
export const credentialSettingsOf = (
  { headers, auth }: Pick<UpstreamDefinition, 'headers' | 'auth'>,
  lookup: SecretLookup,
): CredentialSettings | null => {
  if (headers === undefined && auth === undefined) return null;
  const textOf = (value: string | Secret) => (value instanceof Secret ? lookup(value) : constantText(value));
  const texts = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), textOf(value)] as const);
  return {
    headers: Object.fromEntries(texts),
    auth: auth === undefined ? null : authOf(AUTH.parse(auth), textOf),
  };
};
