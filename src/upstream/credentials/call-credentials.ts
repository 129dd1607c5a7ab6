import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import { wallTime } from '../../core/clock.ts';
import { type Call, copyOf } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import { accessTokens } from './access-tokens.ts';
import type { CallerTokens, WithoutIdentity } from './caller-tokens.ts';
import { exchangedTokens } from './exchanged-tokens.ts';
import { internalTokens, type TokenIssuer } from './internal-tokens.ts';
import { type ExchangeSettings, exchangeToken } from './token-exchange.ts';
import { type ClientSettings, requestToken } from './token-request.ts';

/** Authentication of the gateway at one upstream. */
export type AuthSettings =
  /** RFC 7617 */
  | { readonly by: 'basic'; readonly user: CurrentText; readonly password: CurrentText }
  /** RFC 6750 */
  | { readonly by: 'bearer'; readonly token: CurrentText }
  /** A header or a parameter of the query, by its name. */
  | { readonly by: 'header' | 'query'; readonly name: string; readonly value: CurrentText }
  /** RFC 6749, 4.4 */
  | ({ readonly by: 'clientCredentials' } & ClientSettings)
  /** RFC 8693 */
  | ({ readonly by: 'tokenExchange'; readonly withoutIdentity: WithoutIdentity } & ExchangeSettings)
  /** A JWT of the gateway for the caller. */
  | { readonly by: 'internalToken'; readonly audience: string; readonly withoutIdentity: WithoutIdentity };

export interface CredentialSettings {
  /** Headers of every call, names in lower case. A call's own header replaces one of these. */
  readonly headers: Readonly<Record<string, CurrentText>>;
  /** Null for none. */
  readonly auth: AuthSettings | null;
  /** Replaces the token request of `clientCredentials`. Default: the request to `tokenUrl`. */
  readonly requestToken?: typeof requestToken;
}

type TokenAuth = Extract<AuthSettings, { readonly by: 'clientCredentials' | 'tokenExchange' | 'internalToken' }>;
type StaticAuth = Exclude<AuthSettings, TokenAuth>;

/** The part of a call that its credentials depend on. */
export type IssueFor = Pick<Call, 'subject' | 'signal'>;

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
  /**
   * Returns the present ones for a call, or a promise if a token must be requested first.
   *
   * @throws as `CallerTokens.token`
   */
  issue(call: IssueFor): Issued | Promise<Issued>;
  /** Renews refused ones: reads files of secrets again, requests a token. Resolves to false if nothing has changed. */
  renew(refused: Issued, call: IssueFor): Promise<boolean>;
  close(): void;
}

const withToken = (headers: Issued['headers'], token: string | null): Issued => ({
  headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` },
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

const isOfToken = (auth: AuthSettings | null): auth is TokenAuth =>
  auth?.by === 'clientCredentials' || auth?.by === 'tokenExchange' || auth?.by === 'internalToken';

const textsOf = ({ headers, auth }: CredentialSettings): readonly CurrentText[] => {
  const ofHeaders = Object.values(headers);
  if (auth === null || isOfToken(auth)) return ofHeaders;
  return [
    ...ofHeaders,
    ...(auth.by === 'basic' ? [auth.user, auth.password] : auth.by === 'bearer' ? [auth.token] : [auth.value]),
  ];
};

export interface CredentialDependencies extends Pick<LayerDependencies, 'clock' | 'random' | 'report'> {
  /** Sends token requests. Default: to all but reserved addresses. */
  readonly requests?: Pick<OwnRequests, 'fetch'> | undefined;
  /** Issues the tokens of `internalToken`. Default: none, so that such an upstream is an error. */
  readonly issuer?: TokenIssuer | undefined;
}

const tokensOf = (
  auth: TokenAuth,
  { requestToken: request = requestToken }: CredentialSettings,
  { requests = DEFAULT_REQUESTS, issuer, ...dependencies }: CredentialDependencies,
): CallerTokens => {
  switch (auth.by) {
    case 'clientCredentials': {
      const tokens = accessTokens((signal) => request(auth, signal, requests), dependencies);
      return {
        token: (_subject, signal) => tokens.token(signal),
        renew: (_subject, refused, signal) => tokens.renew(refused, signal),
        close: tokens.close,
      };
    }
    case 'tokenExchange':
      return exchangedTokens(
        {
          withoutIdentity: auth.withoutIdentity,
          request: (subjectToken, signal) => exchangeToken(auth, subjectToken, signal, requests),
          wallTime,
        },
        dependencies,
      );
    case 'internalToken':
      if (issuer === undefined) throw new Error('internalToken without INTERNAL_TOKEN_KEYS');
      return internalTokens(issuer, auth);
    default:
      return auth satisfies never;
  }
};

/** Opens the credentials of one upstream. Nothing is requested before the first call. */
export const callCredentials = (
  settings: CredentialSettings,
  dependencies: CredentialDependencies,
): CallCredentials => {
  const { auth } = settings;
  const texts = textsOf(settings);
  const headersNow = (): Issued['headers'] => {
    const headers: Record<string, string> = {};
    for (const name in settings.headers) headers[name] = settings.headers[name]?.current() ?? '';
    return headers;
  };
  const isReloaded = (): boolean => texts.map((text) => text.reload()).some((changed) => changed);
  if (!isOfToken(auth))
    return {
      issue: () => fixed(headersNow(), auth),
      // All are read again: several secrets may have changed together.
      renew: async () => isReloaded(),
      close: () => {},
    };
  const tokens = tokensOf(auth, settings, dependencies);
  return {
    issue: ({ subject = null, signal }) => {
      const token = tokens.token(subject, signal);
      return token instanceof Promise
        ? token.then((granted) => withToken(headersNow(), granted))
        : withToken(headersNow(), token);
    },
    renew: async ({ token }, { subject = null, signal }) => {
      const changed = isReloaded();
      return token === null ? changed : tokens.renew(subject, token, signal);
    },
    close: () => tokens.close(),
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
