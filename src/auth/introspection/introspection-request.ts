import { allowInsecureRequests, customFetch, introspectionRequest } from 'oauth4webapi';
import { z } from 'zod';
import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { OAuthClient } from '../../config/tokens/oauth-client.ts';
import { parseKeepingDigits } from '../../core/exact-json.ts';
import { readBounded, TooManyBytesError } from '../../core/read-bounded.ts';
import { clientAuthentication } from '../discovery/client-authentication.ts';
import { StatusError } from '../discovery/fetch-json.ts';
import { TokenError } from '../tokens/token-fault.ts';
import { BadIntrospectionError } from './introspected-token.ts';

const MAX_BYTES = 65_536;

/** A response to an introspection request, and its length in characters. */
export interface IntrospectionResponse {
  readonly members: unknown;
  readonly length: number;
}

const OAuthError = z.looseObject({ error: z.string() });

/** RFC 7009, 2.2.1. oidc-provider answers so for a JWT: it would be verified without introspection. */
const isUnsupportedToken = (text: string): boolean => {
  try {
    return OAuthError.safeParse(JSON.parse(text)).data?.error === 'unsupported_token_type';
  } catch {
    return false;
  }
};

export interface IntrospectionEndpoint {
  readonly issuer: string;
  readonly url: string;
}

/** Sends one introspection request. */
export type SendIntrospection = (
  endpoint: IntrospectionEndpoint,
  token: string,
  signal: AbortSignal,
) => Promise<IntrospectionResponse>;

/**
 * Creates the function that sends an introspection request (RFC 7662, 2.1). The response is read to 64 KiB, and redirects
 * are not followed: the token and the client's secret go to the endpoint only. It rejects with a TokenError for a token
 * that the server does not introspect, with a BadIntrospectionError for another response that may concern this token only,
 * and with an Error for any other failure. None has text of the server.
 */
export const introspectionSender = (
  client: OAuthClient,
  secretOf: (variable: string) => CurrentText,
  requests: Pick<OwnRequests, 'fetch'>,
): SendIntrospection => {
  const authentication = clientAuthentication(client, secretOf);
  return async ({ issuer, url }, token, signal) => {
    let answer: { readonly status: number; readonly text: string } | null = null;
    await introspectionRequest(
      { issuer, introspection_endpoint: url },
      { client_id: client.id },
      await authentication(),
      token,
      {
        additionalParameters: { token_type_hint: 'access_token' },
        [customFetch]: async (target, { method, headers, body }) => {
          const response = await requests.fetch(target, { method, headers, body, signal, redirect: 'manual' });
          answer = { status: response.status, text: await textOf(response) };
          return new Response();
        },
        // As for endpoints of upstreams, `http:` is for networks that encrypt by themselves.
        [allowInsecureRequests]: true,
      },
    );
    return membersOf(answer);
  };
};

const textOf = async (response: Parameters<typeof readBounded>[0]): Promise<string> => {
  try {
    return await readBounded(response, MAX_BYTES);
  } catch (error) {
    throw error instanceof TooManyBytesError ? new BadIntrospectionError(error.message) : error;
  }
};

const membersOf = (answer: { readonly status: number; readonly text: string } | null): IntrospectionResponse => {
  if (answer === null) throw new Error('no request was sent');
  const { status, text } = answer;
  if (status === 400 && isUnsupportedToken(text)) throw new TokenError('inactive', 'the server does not introspect it');
  if (status === 400) throw new BadIntrospectionError('status 400');
  if (status !== 200) throw new StatusError(status);
  try {
    return { members: parseKeepingDigits(text), length: text.length };
  } catch {
    // The message of the parser repeats a part of the text.
    throw new BadIntrospectionError('the response is no JSON');
  }
};
