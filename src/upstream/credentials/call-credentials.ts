import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import { type Call, copyOf } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import { type AccessTokens, accessTokens } from './access-tokens.ts';
import { type ClientSettings, type Granted, requestToken } from './token-request.ts';

/** Authentication of the gateway at one upstream. */
export type AuthSettings =
  /** RFC 7617 */
  | { readonly by: 'basic'; readonly user: CurrentText; readonly password: CurrentText }
  /** RFC 6750 */
  | { readonly by: 'bearer'; readonly token: CurrentText }
  /** A header or a parameter of the query, by its name. */
  | { readonly by: 'header' | 'query'; readonly name: string; readonly value: CurrentText }
  /** RFC 6749, 4.4 */
  | ({ readonly by: 'clientCredentials' } & ClientSettings);

export interface CredentialSettings {
  /** Headers of every call, names in lower case. A call's own header replaces one of these. */
  readonly headers: Readonly<Record<string, CurrentText>>;
  /** Null for none. */
  readonly auth: AuthSettings | null;
  /** Replaces the token request of `clientCredentials`. Default: the request to `tokenUrl`. */
  readonly requestToken?: (settings: ClientSettings, signal: AbortSignal) => Promise<Granted>;
}

type StaticAuth = Exclude<AuthSettings, { readonly by: 'clientCredentials' }>;

/** The credentials of one moment. */
export interface Issued {
  readonly headers: Readonly<Record<string, string>>;
  /** `name=value`, encoded; null for none. */
  readonly query: string | null;
  /** The access token in the headers; null for none. */
  readonly token: string | null;
}

/** The gateway's own headers and credentials for the calls of one upstream. */
export interface CallCredentials {
  /** Returns the present ones, or a promise if an access token must be requested first. */
  issue(signal: AbortSignal): Issued | Promise<Issued>;
  /** Renews refused ones: reads files of secrets again, requests a token. Resolves to false if nothing has changed. */
  renew(refused: Issued, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

const withToken = (headers: Issued['headers'], token: string): Issued => ({
  headers: { ...headers, authorization: `Bearer ${token}` },
  query: null,
  token,
});

/** Credentials other than an access token. */
const fixed = (headers: Issued['headers'], auth: StaticAuth | null): Issued => {
  const issued = (added: Issued['headers'], query: string | null = null): Issued => ({
    headers: { ...headers, ...added },
    query,
    token: null,
  });
  if (auth === null) return issued({});
  switch (auth.by) {
    case 'basic': {
      const pair = Buffer.from(`${auth.user.current()}:${auth.password.current()}`).toString('base64');
      return issued({ authorization: `Basic ${pair}` });
    }
    case 'bearer':
      return issued({ authorization: `Bearer ${auth.token.current()}` });
    case 'header':
      return issued({ [auth.name]: auth.value.current() });
    case 'query':
      return issued({}, `${encodeURIComponent(auth.name)}=${encodeURIComponent(auth.value.current())}`);
    default:
      return auth satisfies never;
  }
};

const textsOf = ({ headers, auth }: CredentialSettings): readonly CurrentText[] => {
  const ofHeaders = Object.values(headers);
  if (auth === null) return ofHeaders;
  switch (auth.by) {
    case 'clientCredentials':
      return ofHeaders;
    case 'basic':
      return [...ofHeaders, auth.user, auth.password];
    case 'bearer':
      return [...ofHeaders, auth.token];
    default:
      return [...ofHeaders, auth.value];
  }
};

/** Opens the credentials of one upstream. Nothing is requested before the first call. */
export const callCredentials = (
  settings: CredentialSettings,
  dependencies: Pick<LayerDependencies, 'clock' | 'random' | 'report'>,
  requests: Pick<OwnRequests, 'fetch'> = DEFAULT_REQUESTS,
): CallCredentials => {
  const { auth } = settings;
  const request = settings.requestToken ?? ((client, signal) => requestToken(client, signal, requests));
  const texts = textsOf(settings);
  const tokens: AccessTokens | null =
    auth?.by === 'clientCredentials' ? accessTokens((signal) => request(auth, signal), dependencies) : null;
  const headersNow = (): Issued['headers'] => {
    const headers: Record<string, string> = {};
    for (const name in settings.headers) headers[name] = settings.headers[name]?.current() ?? '';
    return headers;
  };
  return {
    issue: (signal) => {
      if (auth?.by !== 'clientCredentials') return fixed(headersNow(), auth);
      if (tokens === null) throw new Error('clientCredentials without tokens');
      const token = tokens.token(signal);
      return typeof token === 'string'
        ? withToken(headersNow(), token)
        : token.then((granted) => withToken(headersNow(), granted));
    },
    renew: async (refused, signal) => {
      // All are read again: several secrets may have changed together.
      const isReloaded = texts.map((text) => text.reload()).some((changed) => changed);
      return refused.token === null || tokens === null ? isReloaded : tokens.renew(refused.token, signal);
    },
    close: () => tokens?.close(),
  };
};

/** Returns the call with these credentials. Its own headers replace fixed headers of the same name. */
export const withCredentials = (call: Call, { headers, query }: Issued): Call => {
  const copy = copyOf(call);
  copy.headers = { ...headers, ...call.headers };
  const { message } = call;
  if (query === null || message.protocol !== 'rest') return copy;
  copy.message = { ...message, target: message.target + (message.target.includes('?') ? '&' : '?') + query };
  return copy;
};
