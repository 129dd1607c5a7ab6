import { Secret } from '../../config/secrets/secret.ts';
import { type CurrentText, constantText } from '../../config/secrets/secret-store.ts';
import type { AuthSettings, CredentialSettings } from '../../upstream/credentials/call-credentials.ts';
import type { TokenClient } from '../../upstream/credentials/token-request.ts';
import type { UpstreamDefinition } from '../define/upstream-options.ts';
import { AUTH, type AuthOptions } from './auth-options.ts';

type TokenClientOptions = Pick<
  NonNullable<AuthOptions['clientCredentials']>,
  'tokenUrl' | 'clientId' | 'clientSecret' | 'authMethod'
>;

/** Returns the text of a secret. */
export type SecretLookup = (secret: Secret) => CurrentText;

type TextOf = (value: string | Secret) => CurrentText;

const ofTokens = (
  { clientCredentials, tokenExchange, internalToken }: AuthOptions,
  textOf: TextOf,
  upstream: string,
): AuthSettings | null => {
  const clientOf = ({ tokenUrl, clientId, clientSecret, authMethod }: TokenClientOptions): TokenClient => ({
    tokenUrl: textOf(tokenUrl),
    clientId: textOf(clientId),
    clientSecret: textOf(clientSecret),
    authMethod,
  });
  if (clientCredentials !== undefined) {
    const { scopes, audience = null } = clientCredentials;
    return { by: 'clientCredentials', ...clientOf(clientCredentials), scopes, audience };
  }
  if (tokenExchange !== undefined) {
    const { audience: audiences, resource: resources, scopes, withoutIdentity } = tokenExchange;
    return { by: 'tokenExchange', ...clientOf(tokenExchange), audiences, resources, scopes, withoutIdentity };
  }
  if (internalToken === undefined) return null;
  const { audience = upstream, withoutIdentity } = internalToken;
  return { by: 'internalToken', audience, withoutIdentity };
};

const authOf = (auth: AuthOptions, textOf: TextOf, upstream: string): AuthSettings | null => {
  const { basic, bearer, apiKey } = auth;
  if (basic !== undefined) return { by: 'basic', user: textOf(basic.user), password: textOf(basic.password) };
  if (bearer !== undefined) return { by: 'bearer', token: textOf(bearer) };
  if (apiKey !== undefined) {
    const value = textOf(apiKey.value);
    return apiKey.header === undefined
      ? { by: 'query', name: apiKey.query ?? '', value }
      : { by: 'header', name: apiKey.header.toLowerCase(), value };
  }
  return ofTokens(auth, textOf, upstream);
};

/** Returns the headers and credentials of an upstream, `<module>.<upstream>`, with their values; null if it has none. */
export const credentialSettingsOf = (
  { headers, auth }: Pick<UpstreamDefinition, 'headers' | 'auth'>,
  lookup: SecretLookup,
  upstream = '',
): CredentialSettings | null => {
  if (headers === undefined && auth === undefined) return null;
  const textOf = (value: string | Secret) => (value instanceof Secret ? lookup(value) : constantText(value));
  const texts = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), textOf(value)] as const);
  return {
    headers: Object.fromEntries(texts),
    auth: auth === undefined ? null : authOf(AUTH.parse(auth), textOf, upstream),
  };
};
