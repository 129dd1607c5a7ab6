import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { expect, onTestFinished, test } from 'vitest';
import { authzGateway } from '../support/gateway/authz-gateway.ts';

const PROTO = fileURLToPath(new URL('../../src/http/ext-authz/authorization.proto', import.meta.url));
const ENV = {
  ...{ EXT_AUTHZ_ANSWER_HEADERS: 'x-user-plan', EXT_AUTHZ_CLAIMS: 'plan=x-user-plan', EXT_AUTHZ_HEADERS: 'cookie' },
  EXT_AUTHZ_DENIED_HEADERS: 'x-reason',
};

type Call = ServerUnaryCall<Record<string, unknown>, unknown>;

/** A service of @grpc/grpc-js that answers each check with this response, until the test ends. */
const grpcAuthz = async (answer: (reply: sendUnaryData<unknown>, call: Call) => void) => {
  const checks: Record<string, unknown>[] = [];
  const state = { answer };
  const server = new Server();
  const definition = loadSync(PROTO, { keepCase: true })['envoy.service.auth.v3.Authorization'];
  if (definition === undefined || 'format' in definition) throw new Error('the service is not declared');
  server.addService(definition, {
    Check: (call: Call, reply: sendUnaryData<unknown>) => {
      checks.push(call.request);
      state.answer(reply, call);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return Object.assign(state, { url: `grpc://127.0.0.1:${port}`, checks, stop: () => server.forceShutdown() });
};

const header = (key: string, value: string) => ({ header: { key, value } });
const OK = {
  status: { code: 0 },
  ok_response: { headers: [header('X-User-Plan', 'gold'), header('x-tenant', 'evil')] },
};

test('the service receives the attributes of Envoy, and its headers reach backends and claims', async () => {
  const authz = await grpcAuthz((reply) => reply(null, OK));
  const gateway = await authzGateway(authz.url, { env: ENV });
  const sent = { cookie: 'a=1', 'x-user-plan': 'forged', 'x-tenant': 'mine' };
  expect((await gateway.query('{ plan claim }', 'ann', sent)).data).toEqual({ plan: 'gold', claim: 'gold' });
  expect(gateway.received[0]).toMatchObject({ 'x-user-plan': 'gold', 'x-tenant': 'mine' });
  expect(authz.checks).toMatchObject([
    {
      attributes: {
        source: { address: { socket_address: { address: '127.0.0.1' } } },
        request: { http: { method: 'POST', path: '/graphql', scheme: 'http', headers: { cookie: 'a=1' } } },
      },
    },
  ]);
  expect(JSON.stringify(authz.checks)).not.toMatch(/forged|Bearer/);
});

test.each([
  ['no status and no response', {}, 200, undefined],
  ['the status of a refusal alone', { status: { code: 7 } }, 403, 'FORBIDDEN'],
  ['UNAUTHENTICATED alone', { status: { code: 16 } }, 401, 'UNAUTHENTICATED'],
  ['401', { status: { code: 7 }, denied_response: { status: { code: 401 } } }, 401, 'UNAUTHENTICATED'],
  ['429', { status: { code: 8 }, denied_response: { status: { code: 429 } } }, 403, 'FORBIDDEN'],
  ['a refusal with the status OK', { status: { code: 0 }, denied_response: {} }, 403, 'FORBIDDEN'],
  ['an allowed response with another status', { status: { code: 7 }, ok_response: {} }, 403, 'FORBIDDEN'],
  [
    'a line end in a header for backends',
    { ok_response: { headers: [header('x-user-plan', 'a\r\nx-admin: 1')] } },
    ...([503, 'SERVICE_UNAVAILABLE'] as const),
  ],
  [
    'a line end in a header for the client',
    { status: { code: 7 }, denied_response: { headers: [header('x-reason', 'a\r\nset-cookie: a=1')] } },
    ...([503, 'SERVICE_UNAVAILABLE'] as const),
  ],
  [
    'too long headers',
    { ok_response: { headers: [header('x-user-plan', 'a'.repeat(17_000))] } },
    ...([503, 'SERVICE_UNAVAILABLE'] as const),
  ],
])('a response with %s', async (_what, response, status, code) => {
  const authz = await grpcAuthz((reply) => reply(null, response));
  const gateway = await authzGateway(authz.url, { env: ENV });
  const answer = await gateway.query('{ plan }');
  expect([answer.status, answer.codes[0]]).toEqual([status, code]);
  expect(gateway.received).toHaveLength(status === 200 ? 1 : 0);
});

test('a refusal passes the declared headers to the client', async () => {
  const denied = { status: { code: 403 }, headers: [header('X-Reason', 'plan'), header('x-other', 'o')], body: 'why' };
  const authz = await grpcAuthz((reply) => reply(null, { status: { code: 7 }, denied_response: denied }));
  const gateway = await authzGateway(authz.url, { env: ENV });
  const response = await fetch(`${gateway.origin}/passed`);
  expect([response.status, response.headers.get('x-reason'), response.headers.get('x-other')]).toEqual([
    403,
    'plan',
    null,
  ]);
  expect(await response.text()).not.toContain('why');
});

test('headers_to_remove are removed from the request, in any spelling', async () => {
  const authz = await grpcAuthz((reply) => reply(null, { ok_response: { headers_to_remove: ['X-Tenant'] } }));
  const gateway = await authzGateway(authz.url, { env: ENV });
  await gateway.query('{ plan }', 'ann', { 'x-tenant': 'mine', x_tenant: 'mine' });
  expect(JSON.stringify(gateway.received)).not.toContain('mine');
});

test.each([
  ['an error', (reply: sendUnaryData<unknown>) => reply({ code: 13 })],
  ['PERMISSION_DENIED of the call itself', (reply: sendUnaryData<unknown>) => reply({ code: 7 })],
])('%s of the call is 503, and so is a service that is gone', async (_what, answer) => {
  const authz = await grpcAuthz(answer);
  const gateway = await authzGateway(authz.url, { env: ENV });
  expect(await gateway.query('{ plan }')).toMatchObject({ status: 503, codes: ['SERVICE_UNAVAILABLE'] });
  authz.stop();
  expect(await gateway.query('{ plan }')).toMatchObject({ status: 503 });
  expect(gateway.received).toEqual([]);
});
