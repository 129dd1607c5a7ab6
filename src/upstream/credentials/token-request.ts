import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  clientCredentialsGrantRequest,
  customFetch,
  processClientCredentialsResponse,
  ResponseBodyError,
  type TokenEndpointRequestOptions,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import { wallTime } from '../../core/clock.ts';
import { readBounded } from '../../core/read-bounded.ts';
import { retryAfterMs } from '../retry/retry-after.ts';

/** A client of an OAuth 2.0 authorization server. */
export interface TokenClient {
  readonly tokenUrl: CurrentText;
  readonly clientId: CurrentText;
  readonly clientSecret: CurrentText;
  /** `basic`: the client's credentials in a header; `post`: in the body (RFC 6749, 2.3.1). */
  readonly authMethod: 'basic' | 'post';
}

/** A client with tokens of its own (RFC 6749, 4.4). */
export interface ClientSettings extends TokenClient {
  readonly scopes: readonly string[];
  /** Parameter `audience`, which some servers require; null for none. */
  readonly audience: string | null;
}

export interface Granted {
  readonly token: string;
  /** Seconds for which the token is valid; null if the server does not state it. */
  readonly lifetimeS: number | null;
  /** True if no later request grants a longer validity: the token is not renewed ahead. Default false. */
  readonly isFinal?: boolean;
}

/** A token request that failed. The message has no text of the server. */
export class TokenRequestError extends Error {
  override readonly name = 'TokenRequestError';
  /** Wait that the server requests, in milliseconds; null for none. */
  readonly retryAfterMs: number | null;
  /** Status of the answer; null for none. */
  readonly status: number | null;
  /** Error code of the answer; null for none, or for one that no RFC defines. */
  readonly error: string | null;

  constructor(reason: string, answer: Partial<Pick<TokenRequestError, 'retryAfterMs' | 'status' | 'error'>> = {}) {
    super(reason);
    this.retryAfterMs = answer.retryAfterMs ?? null;
    this.status = answer.status ?? null;
    this.error = answer.error ?? null;
  }
}

const MAX_BYTES = 65_536;
const TOKEN = /^[\x21-\x7e]{1,16384}$/;
/** Error codes of RFC 6749, 4.1.2.1 and 5.2, and of RFC 8693, 2.2.2: other ones may be any text. */
const ERRORS: ReadonlySet<string> = new Set([
  'access_denied',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
]);

/** Status and headers of the answer to a token request. */
interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
}

/** The error for an answer other than a token, or for no answer. */
const failure = (error: unknown, response: AnswerHead | null): TokenRequestError => {
  if (response === null) {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    return new TokenRequestError(`cannot connect${code}`);
  }
  const { status, headers } = response;
  const code = error instanceof ResponseBodyError && ERRORS.has(error.error) ? error.error : null;
  const name = code === null ? '' : ` (${code})`;
  if (status === 200) return new TokenRequestError(`the response has no valid bearer token${name}`, { status });
  const waitMs = retryAfterMs(headers.get('retry-after') ?? undefined, wallTime(), headers.get('date') ?? undefined);
  return new TokenRequestError(`answered ${status}${name}`, { retryAfterMs: waitMs, status, error: code });
};

/** A token request in the terms of oauth4webapi. */
export interface GrantRequest {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly authentication: ClientAuth;
  readonly options: Pick<TokenEndpointRequestOptions, typeof customFetch | typeof allowInsecureRequests>;
}

/**
 * Runs one token request of a client. The response is read to 64 KiB; redirects are not followed, so that the client's
 * secret goes to `tokenUrl` only.
 *
 * @throws TokenRequestError; the signal's reason at an abort
 */
export const requestGrant = async (
  settings: TokenClient,
  signal: AbortSignal,
  requests: Pick<OwnRequests, 'fetch'>,
  run: (request: GrantRequest) => Promise<TokenEndpointResponse>,
): Promise<Granted> => {
  const tokenUrl = settings.tokenUrl.current();
  const clientSecret = settings.clientSecret.current();
  let received: AnswerHead | null = null;
  const bounded = async (url: string, init: Parameters<OwnRequests['fetch']>[1]): Promise<Response> => {
    const response = await requests.fetch(url, { ...init, signal, redirect: 'manual' });
    const { status } = response;
    const headers = new Headers([...response.headers]);
    received = { status, headers };
    return new Response(await readBounded(response, MAX_BYTES), { status, headers });
  };
  try {
    const { access_token: token, expires_in: lifetimeS } = await run({
      server: { issuer: tokenUrl, token_endpoint: tokenUrl },
      client: { client_id: settings.clientId.current() },
      authentication:
        settings.authMethod === 'basic' ? ClientSecretBasic(clientSecret) : ClientSecretPost(clientSecret),
      options: {
        [customFetch]: (url, { method, headers, body }) => bounded(url, { method, headers, body }),
        // As for endpoints of upstreams, `http:` is for networks that encrypt by themselves.
        [allowInsecureRequests]: true,
      },
    });
    if (!TOKEN.test(token)) throw new Error('the token has characters that a header cannot have');
    return { token, lifetimeS: lifetimeS ?? null };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw failure(error, received);
  }
};

/** Requests an access token of the client itself. @throws TokenRequestError; the signal's reason at an abort */
export const requestToken = async (
  settings: ClientSettings,
  signal: AbortSignal,
  requests: Pick<OwnRequests, 'fetch'> = DEFAULT_REQUESTS,
): Promise<Granted> => {
  const { scopes, audience } = settings;
  const parameters = { ...(scopes.length > 0 && { scope: scopes.join(' ') }), ...(audience !== null && { audience }) };
  return requestGrant(settings, signal, requests, async ({ server, client, authentication, options }) => {
    const response = await clientCredentialsGrantRequest(server, client, authentication, parameters, options);
    return processClientCredentialsResponse(server, client, response);
  });
};
