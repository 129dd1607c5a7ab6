import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pass, rest, websocket } from 'tributary/backend';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { extAuthzVariable, openExtAuthz, readExtAuthz } from '../../../src/app/identity/ext-authz.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { type Clock, systemClock } from '../../../src/core/clock.ts';
import type { AuthorizationService } from '../../../src/http/ext-authz/decision.ts';
import { noTelemetry } from '../../../src/telemetry/telemetry.ts';
import { rawBackend } from '../backends/raw-backend.ts';
import { define, typeDefs } from '../modules/small-modules.ts';
import { type TokenGateway, tokenGateway } from './token-gateway.ts';

type Headers = IncomingHttpHeaders;

/** A check as the service received it. */
export interface ReceivedCheck {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** An HTTP service that decides as `answer` does, until the test ends. Default: it allows every request. */
export const authzServer = async (answer: (response: ServerResponse, request: IncomingMessage) => void = ok) => {
  const checks: ReceivedCheck[] = [];
  const state = { answer };
  const server = await rawBackend(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    checks.push({ method, url, headers, body });
    state.answer(response, request);
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return Object.assign(state, { url: server.url, checks, stop: () => server[Symbol.asyncDispose]() });
};

export const ok = (response: ServerResponse): void => void response.writeHead(204).end();

export const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = '') =>
  (response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

/** Shows the principal, and what the backend receives of the headers of the service. */
const seen = define({
  name: 'seen',
  typeDefs: typeDefs('type Query { plan: String claim: String whole: String }'),
  upstreams: { api: rest({ forward: { headers: ['x-user-plan', 'x_user_plan', 'x-tenant'] } }) },
  resolvers: {
    Query: {
      plan: async (_root, _args, { clients }) => clients.api.get('/plan', { response: z.string() }),
      claim: (_root, _args, { principal }) => String((principal.kind === 'user' && principal.claims?.plan) || 'none'),
      whole: () => 'ok',
    },
  },
  routes: { 'GET /passed': pass('api', '/passed'), 'GET /live': websocket('api', '/live') },
});

export interface AuthzGateway extends TokenGateway {
  /** Headers of each request that the backend received. */
  readonly received: readonly Headers[];
  /** The service, with its cache. */
  readonly service: AuthorizationService;
  /** Errors of checks without a decision. */
  readonly failures: readonly unknown[];
}

export interface AuthzOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** False to pass every request through Fastify. */
  readonly directEdge?: boolean;
}

/** A gateway with an authorisation service at these endpoints. Decisions may take 100 seconds by default. */
export const authzGateway = async (
  endpoints: string,
  { env = {}, clock = systemClock, directEdge = true }: AuthzOptions = {},
): Promise<AuthzGateway> => {
  const received: Headers[] = [];
  const backend = await rawBackend(({ headers }, response) => {
    received.push(headers);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(headers['x-user-plan'] ?? 'none'));
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const all = { EXT_AUTHZ: endpoints, EXT_AUTHZ_TIMEOUT_MS: '100000', ...env };
  const { settings, required } = readConfig(all, extAuthzVariable(all));
  const read = readExtAuthz(settings, required);
  if (read.problems.length > 0) throw new Error(read.problems.join('\n'));
  const { metrics } = noTelemetry;
  const log = { warn: () => {}, error: () => {} };
  const authz = openExtAuthz(settings, read, { clock, log, metrics, connectTimeoutMs: 100_000 });
  if (authz === null) throw new Error('there is no service');
  onTestFinished(() => authz.close());
  const failures: unknown[] = [];
  const extAuthz = { ...authz.options, failed: (error: unknown) => void failures.push(error) };
  const gateway = await tokenGateway(
    [seen],
    { SEEN_API_ENDPOINTS: backend.url },
    { listener: { extAuthz, directEdge } },
  );
  return { ...gateway, received, failures, service: authz.options.service };
};
