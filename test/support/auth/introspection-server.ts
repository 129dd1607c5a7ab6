import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IntrospectionSettings } from '../../../src/config/tokens/introspection.ts';
import { rawBackend } from '../backends/raw-backend.ts';
import { AUDIENCE, type Claims } from './issuer.ts';

/** One introspection request as the server received it. */
export interface ReceivedIntrospection {
  readonly token: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** An introspection endpoint of which a test decides every answer. */
export interface IntrospectionServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ReceivedIntrospection[];
  /** Members of the response for each active token. Any other token is inactive. */
  readonly active: Map<string, Claims>;
  /** Answer in place of the usual one; null for that. */
  answer: ((response: ServerResponse, token: string) => void) | null;
  /** Settings with the client `gateway` and this endpoint. */
  settings(more?: Partial<IntrospectionSettings>): IntrospectionSettings;
}

export const INTROSPECTED_ISSUER = 'https://opaque.example';

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

export const startIntrospectionServer = async (): Promise<IntrospectionServer> => {
  const requests: ReceivedIntrospection[] = [];
  const active = new Map<string, Claims>();
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const parameters = new URLSearchParams(await textOf(request));
    const token = parameters.get('token') ?? '';
    requests.push({ token, parameters, headers: request.headers });
    if (self.answer !== null) return self.answer(response, token);
    const members = active.get(token);
    const body = members === undefined ? { active: false } : { active: true, ...members };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };
  const backend = await rawBackend((request, response) => void serve(request, response));
  const self: IntrospectionServer = {
    url: `${backend.url}/introspect`,
    requests,
    active,
    answer: null,
    settings: (more = {}) => ({
      issuer: INTROSPECTED_ISSUER,
      endpoint: self.url,
      audience: AUDIENCE,
      client: { id: 'gateway', by: 'client_secret_basic', variable: 'INTROSPECTION_SECRET', keyId: null },
      roles: 'roles',
      ttlMs: 30_000,
      ...more,
    }),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
  return self;
};
