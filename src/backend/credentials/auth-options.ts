import { z } from 'zod';
import { hasHiddenSecret, Secret } from '../../config/secrets/secret.ts';
import { type Fix, group, listOption, oneOfOption, option, textFix } from '../../upstream/option-kinds.ts';

/* The options `headers` and `auth` of an upstream. No message repeats a value. */

/** Shown in place of a value, which may be a secret. */
const UNSHOWN = { shown: 'invalid' };

const unshown = <Value>(fix: Fix) =>
  z.custom<Value>((value) => fix(value) === null, {
    abort: true,
    params: UNSHOWN,
    error: ({ input }) => fix(input) ?? undefined,
  });

const secretFix: Fix = (value) => {
  if (value instanceof Secret) return null;
  const example = "secret('SHOP_KEY'), which reads the environment variable SHOP_KEY or the file of SHOP_KEY_FILE";
  return value === undefined ? `add it: ${example}` : `use ${example}`;
};

const secretOption = unshown<Secret>(secretFix);

/** A text of the module, or one of the environment. */
const textOrSecret = (example: string) =>
  unshown<string | Secret>((value) => {
    if (value instanceof Secret) return null;
    if (value === undefined) return `add it, as in ${example}`;
    if (typeof value !== 'string' || value === '') return `use a text, as in ${example}`;
    return hasHiddenSecret(value) ? 'use the secret itself: a text made of it has no value' : null;
  });

/** Headers that prove an identity: a text in the module's code would be a secret there. */
const OF_CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie']);

const headersFix: Fix = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'use an object with names and values';
  for (const [name, text] of Object.entries(value)) {
    if (text instanceof Secret) continue;
    if (typeof text !== 'string') return `use a text or a secret as the value of ${JSON.stringify(name)}`;
    if (hasHiddenSecret(text))
      return `use the secret itself as the value of ${JSON.stringify(name)}, or the option auth: a text made of a secret has no value`;
    if (OF_CREDENTIALS.has(name.toLowerCase()))
      return `use secret('NAME') as the value of ${JSON.stringify(name)}, or the option auth`;
  }
  return null;
};

export type UpstreamHeaders = Readonly<Record<string, string | Secret>>;

export const headersOption = unshown<UpstreamHeaders>(headersFix);

export const tokenUrlFault = (text: string): string | null => {
  if (!URL.canParse(text) || /\s/.test(text)) return 'is not a URL';
  const { protocol, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'must start with https:// or http://';
  if (username !== '' || password !== '') return 'must not contain a user or a password';
  return hash === '' ? null : 'must not contain a #';
};

const TOKEN_URL = "tokenUrl: 'https://login.example.com/oauth/token'";

const tokenUrlOption = unshown<string | Secret>((value) => {
  if (value instanceof Secret) return null;
  if (typeof value !== 'string') return `add it, as in ${TOKEN_URL}`;
  return tokenUrlFault(value) === null ? null : `use a URL without a user, as in ${TOKEN_URL}`;
});

const BASIC = group({
  /** Basic authentication: the user. Required. */
  user: textOrSecret("user: 'shop'"),
  /** Basic authentication: the password, a `secret`. Required. */
  password: secretOption,
});

const API_KEY = group({
  /** Name of the header with the key. Default none. */
  header: option<string>(textFix).optional(),
  /** REST: name of the query's parameter with the key. Default none. */
  query: option<string>(textFix).optional(),
  /** The key, a `secret`. Required. */
  value: secretOption,
});

const CLIENT_CREDENTIALS = group({
  /** The authorization server's token endpoint. Required. */
  tokenUrl: tokenUrlOption,
  /** Name of the gateway at the authorization server. Required. */
  clientId: textOrSecret("clientId: 'shop'"),
  /** Its secret, a `secret`. Required. */
  clientSecret: secretOption,
  /** Requested scopes. Default none. */
  scopes: listOption<string>(textFix).default([]),
  /** Parameter `audience`, which some servers require. Default none. */
  audience: option<string>(textFix).optional(),
  /** Client authentication: `basic` in a header, `post` in the body. Default `basic`: RFC 6749 requires servers to support it. */
  authMethod: oneOfOption('basic', 'post').default('basic'),
});

const WITHOUT_IDENTITY = oneOfOption('refuse', 'send').default('refuse');

const TOKEN_EXCHANGE = group({
  /** The authorization server's token endpoint. Required. */
  tokenUrl: tokenUrlOption,
  /** Name of the gateway at the authorization server. Required. */
  clientId: textOrSecret("clientId: 'shop'"),
  /** Its secret, a `secret`. Required. */
  clientSecret: secretOption,
  /** Client authentication: `basic` in a header, `post` in the body. Default `basic`: RFC 6749 requires servers to support it. */
  authMethod: oneOfOption('basic', 'post').default('basic'),
  /** Names of the backend at the authorization server: parameters `audience`. Default none. */
  audience: listOption<string>(textFix).default([]),
  /** URLs of the backend: parameters `resource` (RFC 8707). Default none. */
  resource: listOption<string>(textFix).default([]),
  /** Requested scopes. Default none: the server decides. */
  scopes: listOption<string>(textFix).default([]),
  /** Calls for a caller without an access token: refused, or sent without a token. Default `refuse`: a forgotten sign-in is an error and not a public answer. */
  withoutIdentity: WITHOUT_IDENTITY,
}).refine(({ audience, resource }) => audience.length + resource.length > 0, {
  params: UNSHOWN,
  message: 'set audience or resource to the name of the backend at the authorization server',
});

const INTERNAL_TOKEN = group({
  /** `aud` of the token. Default `<module>.<upstream>`. */
  audience: option<string>(textFix).optional(),
  /** Calls for an anonymous caller: refused, or sent without a token. Default `refuse`, as for `tokenExchange`. */
  withoutIdentity: WITHOUT_IDENTITY,
});

/** The ways of authentication. An upstream has one. */
export const AUTH = group({
  basic: BASIC.optional(),
  /** `Authorization: Bearer` with this `secret`. Default none. */
  bearer: secretOption.optional(),
  apiKey: API_KEY.optional(),
  clientCredentials: CLIENT_CREDENTIALS.optional(),
  tokenExchange: TOKEN_EXCHANGE.optional(),
  internalToken: INTERNAL_TOKEN.optional(),
}).superRefine((auth, context) => {
  const issue = (message: string, path: readonly string[] = []) =>
    context.addIssue({ code: 'custom', path: [...path], params: UNSHOWN, message });
  if (Object.values(auth).filter((way) => way !== undefined).length !== 1)
    issue('use one of basic, bearer, apiKey, clientCredentials, tokenExchange and internalToken');
  const { apiKey } = auth;
  if (apiKey !== undefined && (apiKey.header === undefined) === (apiKey.query === undefined))
    issue('set either header or query to the name of the key', ['apiKey']);
});

export interface UpstreamAuth extends z.input<typeof AUTH> {}
export interface AuthOptions extends z.output<typeof AUTH> {}
