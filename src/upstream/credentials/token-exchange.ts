import { genericTokenEndpointRequest, processGenericTokenEndpointResponse } from 'oauth4webapi';
import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import { type Granted, requestGrant, type TokenClient } from './token-request.ts';

/** A client that exchanges tokens of callers (RFC 8693). */
export interface ExchangeSettings extends TokenClient {
  /** Names of the backend at the authorization server: parameter `audience`. */
  readonly audiences: readonly string[];
  /** URLs of the backend: parameter `resource` (RFC 8707). */
  readonly resources: readonly string[];
  readonly scopes: readonly string[];
}

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
/** Types of issued tokens that a backend accepts as an access token. */
const ISSUED: ReadonlySet<unknown> = new Set([ACCESS_TOKEN, 'urn:ietf:params:oauth:token-type:jwt']);

/**
 * Exchanges the access token of a caller for one of the backend. The issued token must be an access token of the type
 * `Bearer`: RFC 8693 allows others, which a backend could not verify in `Authorization`.
 *
 * @throws TokenRequestError; the signal's reason at an abort
 */
export const exchangeToken = async (
  settings: ExchangeSettings,
  subjectToken: string,
  signal: AbortSignal,
  requests: Pick<OwnRequests, 'fetch'> = DEFAULT_REQUESTS,
): Promise<Granted> => {
  const parameters = new URLSearchParams({ subject_token: subjectToken, subject_token_type: ACCESS_TOKEN });
  parameters.set('requested_token_type', ACCESS_TOKEN);
  for (const audience of settings.audiences) parameters.append('audience', audience);
  for (const resource of settings.resources) parameters.append('resource', resource);
  if (settings.scopes.length > 0) parameters.set('scope', settings.scopes.join(' '));
  return requestGrant(settings, signal, requests, async ({ server, client, authentication, options }) => {
    const response = await genericTokenEndpointRequest(server, client, authentication, GRANT_TYPE, parameters, options);
    const granted = await processGenericTokenEndpointResponse(server, client, response);
    if (granted.token_type !== 'bearer' || !ISSUED.has(granted.issued_token_type))
      throw new Error('the issued token is no bearer token');
    return granted;
  });
};
