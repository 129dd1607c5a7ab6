import type { ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { rawBackend } from './raw-backend.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export interface ExchangeServer {
  readonly url: string;
  /** Parameters of all requests, in order. */
  readonly requests: readonly URLSearchParams[];
  /** Subject tokens that are refused with `invalid_grant`. */
  readonly refused: Set<string>;
  /** Properties of the answers. */
  granted: Readonly<Record<string, unknown>>;
  /** Answers the requests from now on. Default: the token `<subject token> for <audiences>`. */
  answer: ((response: ServerResponse) => void) | null;
}

/** The token endpoint of an authorization server with token exchange (RFC 8693), until the test ends. */
export const exchangeServer = async (): Promise<ExchangeServer> => {
  const requests: URLSearchParams[] = [];
  const refused = new Set<string>();
  const state: Pick<ExchangeServer, 'answer' | 'granted'> = { answer: null, granted: {} };
  const backend = await rawBackend(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const parameters = new URLSearchParams(body);
    requests.push(parameters);
    if (state.answer !== null) return state.answer(response);
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const subject = parameters.get('subject_token') ?? '';
    if (refused.has(subject)) return json(400, { error: 'invalid_grant' });
    const token = `${subject}-for-${parameters.getAll('audience').join('-')}`;
    const usual = { access_token: token, issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', expires_in: 3_600 };
    return json(200, { ...usual, ...state.granted });
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return Object.assign(state, { url: `${backend.url}/token`, requests, refused });
};
