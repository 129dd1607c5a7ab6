import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { rawBackend } from './raw-backend.ts';

/** A token request, as the server received it. */
export interface TokenRequest {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface TokenServer {
  readonly url: string;
  readonly requests: readonly TokenRequest[];
  /** Answers the requests from now on. Default: the tokens `t1`, `t2` and so on. */
  answer: ((response: ServerResponse) => void) | null;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
};

/** The token endpoint of an authorization server, until the test ends. */
export const tokenServer = async (): Promise<TokenServer> => {
  const requests: TokenRequest[] = [];
  const server: { answer: TokenServer['answer'] } = { answer: null };
  const backend = await rawBackend(async (request, response) => {
    const body = await bodyOf(request);
    const { url = '', method = '', headers } = request;
    requests.push({ url, method, authorization: headers.authorization, body });
    if (server.answer !== null) return server.answer(response);
    const granted = { access_token: `t${requests.length}`, token_type: 'Bearer', expires_in: 3_600 };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(granted));
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return Object.assign(server, { url: `${backend.url}/oauth/token`, requests });
};
