import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status as grpcStatus, type ServerUnaryCall } from '@grpc/grpc-js';
import { rest, secret } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import type { UpstreamAuth, UpstreamHeaders } from '../../src/backend/credentials/auth-options.ts';
import { credentialSettingsOf } from '../../src/backend/credentials/credential-settings.ts';
import { errorCodesOf } from '../../src/backend/define/error-codes.ts';
import { readSecrets } from '../../src/config/secrets/read-secrets.ts';
import { secretStore } from '../../src/config/secrets/secret-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type Endpoint, endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import type { UpstreamEvent } from '../../src/upstream/events.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { tokenServer } from '../support/backends/token-server.ts';
import { inventoryMethod, inventoryServer } from '../support/grpc/grpc-server.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { restCall } from '../support/upstream/calls.ts';
import { failureOf } from '../support/upstream/rest-transport.ts';

interface Received {
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A backend that answers with these statuses in turn; then with 200. */
const backendWith = async (...statuses: readonly number[]) => {
  const received: Received[] = [];
  const backend = await rawBackend((request, response) => {
    const status = statuses[received.length] ?? 200;
    received.push({ url: request.url ?? '', headers: request.headers });
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': 2 }).end('{}');
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return { endpoint: endpointAt(backend.url), received };
};

interface Own {
  readonly headers?: UpstreamHeaders;
  readonly auth?: UpstreamAuth;
}

/** An upstream with these headers and credentials. */
const upstreamWith = (
  endpoint: Endpoint,
  own: Own,
  env: Readonly<Record<string, string>>,
  protocol: 'rest' | 'grpc' = 'rest',
) => {
  const variables = ['KEY', 'USER_NAME'].filter((name) => name in env || `${name}_FILE` in env);
  const { found, problems } = readSecrets(
    env,
    variables.map((variable) => ({ variable, use: 'the test', faultOf: () => null })),
  );
  expect(problems).toEqual([]);
  const secrets = secretStore(found, systemClock);
  onTestFinished(() => secrets.close());
  const events: UpstreamEvent[] = [];
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol,
      sources: [{ by: 'address', endpoint }],
      check: { by: 'connecting' },
      traffic: { timeoutMs: 100_000 },
      credentials: credentialSettingsOf(own, ({ variable }) => secrets.text(variable)),
      ...(protocol === 'rest' && { errorCodes: errorCodesOf(rest(own)) }),
    },
    { clock: systemClock, connectTimeoutMs: 100_000, report: (event) => events.push(event) },
  );
  onTestFinished(() => upstream.close());
  const send = (changes = {}, message = {}) =>
    upstream.send(restCall({ deadline: systemClock.now() + 100_000, ...changes }, message));
  return { upstream, send, events };
};

const KEY = secret('KEY');
const ENV = { KEY: 'k-1', USER_NAME: 'ann' };

test.each<[string, Own, Readonly<Record<string, string>>]>([
  ['a bearer token', { auth: { bearer: KEY } }, { authorization: 'Bearer k-1' }],
  [
    'a user and a password',
    { auth: { basic: { user: 'ann', password: KEY } } },
    { authorization: 'Basic YW5uOmstMQ==' },
  ],
  [
    'a user of the environment',
    { auth: { basic: { user: secret('USER_NAME'), password: KEY } } },
    { authorization: 'Basic YW5uOmstMQ==' },
  ],
  ['a key in a header', { auth: { apiKey: { header: 'X-Api-Key', value: KEY } } }, { 'x-api-key': 'k-1' }],
  [
    'fixed headers',
    { headers: { 'User-Agent': 'shop', 'x-api-version': '3', authorization: KEY } },
    { 'user-agent': 'shop', 'x-api-version': '3', authorization: 'k-1' },
  ],
])('a call has %s', async (_what, own, headers) => {
  const { endpoint, received } = await backendWith();
  await upstreamWith(endpoint, own, ENV).send();
  expect(received[0]?.headers).toMatchObject(headers);
});

test('a key in the query is added to that of the call, encoded', async () => {
  const { endpoint, received } = await backendWith();
  const { send } = upstreamWith(endpoint, { auth: { apiKey: { query: 'api key', value: KEY } } }, { KEY: 'a&b' });
  await send({}, { target: '/things/1' });
  await send({}, { target: '/things/1?first=2' });
  expect(received.map(({ url }) => url)).toEqual(['/things/1?api%20key=a%26b', '/things/1?first=2&api%20key=a%26b']);
});

test('a header of a call replaces a fixed text', async () => {
  const { endpoint, received } = await backendWith();
  await upstreamWith(endpoint, { headers: { 'x-api-version': '3' } }, {}).send({ headers: { 'x-api-version': '4' } });
  expect(received[0]?.headers).toMatchObject({ 'x-api-version': '4' });
});

const client = (tokenUrl: string, options = {}): Own => ({
  auth: { clientCredentials: { tokenUrl, clientId: 'shop', clientSecret: KEY, ...options } },
});

test.each([
  ['basic', { authorization: 'Basic c2hvcDprJTJEMQ==' }, 'grant_type=client_credentials'],
  ['post', { authorization: undefined }, 'client_id=shop&client_secret=k-1&grant_type=client_credentials'],
] as const)(
  'an access token is requested with the client in the %s form, and sent with each call',
  async (authMethod, headers, body) => {
    const server = await tokenServer();
    const { endpoint, received } = await backendWith();
    const { send } = upstreamWith(endpoint, client(server.url, { authMethod }), ENV);
    await Promise.all([send({}, { target: '/a' }), send({}, { target: '/b' })]);
    expect(received.map((request) => request.headers.authorization)).toEqual(['Bearer t1', 'Bearer t1']);
    expect(server.requests).toMatchObject([{ url: '/oauth/token', method: 'POST', ...headers }]);
    const parameters = [...new URLSearchParams(server.requests[0]?.body)].map(([name, value]) => `${name}=${value}`);
    expect(parameters.toSorted().join('&')).toBe(body);
  },
);

test('scopes and audience are parameters of the token request', async () => {
  const server = await tokenServer();
  const { endpoint } = await backendWith();
  await upstreamWith(endpoint, client(server.url, { scopes: ['a', 'b'], audience: 'stock' }), ENV).send();
  const body = new URLSearchParams(server.requests[0]?.body);
  expect([body.get('scope'), body.get('audience')]).toEqual(['a b', 'stock']);
});

test('a 401 renews the token and sends a read once more', async () => {
  const server = await tokenServer();
  const { endpoint, received } = await backendWith(401);
  const { send, events } = upstreamWith(endpoint, client(server.url), ENV);
  await send();
  expect(received.map((request) => request.headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
  expect(events.filter(({ is }) => is === 'retry')).toEqual([
    { is: 'retry', route: 'GET /things/{id}', reason: 'UNAUTHENTICATED' },
  ]);
});

test('a second 401 is UPSTREAM_ERROR, and never a request to sign in', async () => {
  const server = await tokenServer();
  const { endpoint, received } = await backendWith(401, 401, 401);
  const { send } = upstreamWith(endpoint, client(server.url), ENV);
  expect(await failureOf(send())).toMatchObject({ code: 'UPSTREAM_ERROR', status: 401 });
  expect([received.length, server.requests.length]).toEqual([2, 2]);
  // The next refusal is within ten seconds: no token is requested for it.
  expect((await failureOf(send())).code).toBe('UPSTREAM_ERROR');
  expect([received.length, server.requests.length]).toEqual([3, 2]);
});

test('a 401 to a write renews the token for later calls, and is not sent again', async () => {
  const server = await tokenServer();
  const { endpoint, received } = await backendWith(401);
  const { send } = upstreamWith(endpoint, client(server.url), ENV);
  expect((await failureOf(send({ idempotent: false }, { method: 'POST' }))).code).toBe('UPSTREAM_ERROR');
  await expect.poll(() => server.requests.length).toBe(2);
  await send();
  expect(received.map((request) => request.headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
});

test.each<[string, (response: import('node:http').ServerResponse) => void, string]>([
  [
    'a wrong secret',
    (response) =>
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end('{"error":"invalid_client","error_description":"k-1"}'),
    'answered 401 (invalid_client)',
  ],
  [
    'a challenge',
    (response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="k-1"' }).end(),
    'answered 401',
  ],
  [
    'a page',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>k-1'),
    'the response has no valid bearer token',
  ],
  [
    'another kind of token',
    (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"k-1","token_type":"mac"}'),
    'the response has no valid bearer token',
  ],
  [
    'a token that is no header',
    (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"access_token":"k 1\\n","token_type":"bearer"}'),
    'the response has no valid bearer token',
  ],
  [
    'a long answer',
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(' '.repeat(70_000)),
    'the response has no valid bearer token',
  ],
  ['an error', (response) => response.writeHead(503).end(), 'answered 503'],
  ['a closed connection', (response) => void response.destroy(), 'cannot connect (UND_ERR_SOCKET)'],
])(
  '%s instead of a token is SERVICE_UNAVAILABLE without a call, and is reported without a text of the server',
  async (_what, answer, reason) => {
    const server = await tokenServer();
    server.answer = answer;
    const { endpoint, received } = await backendWith();
    const { send, events } = upstreamWith(endpoint, client(server.url), ENV);
    const error = await failureOf(send());
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'no access token' });
    expect([received.length, server.requests.length]).toEqual([0, 1]);
    expect(events).toEqual([{ is: 'token', outcome: 'failed', reason }]);
  },
);

test('a redirect of the token endpoint is not followed: the secret goes to no other host', async () => {
  const other = await backendWith();
  const server = await tokenServer();
  server.answer = (response) => response.writeHead(307, { location: other.endpoint.url.href }).end();
  const { endpoint } = await backendWith();
  const { send } = upstreamWith(endpoint, client(server.url), ENV);
  expect((await failureOf(send())).code).toBe('SERVICE_UNAVAILABLE');
  expect(other.received).toEqual([]);
});

test('a redirect of the backend is not followed: the key goes to no other host', async () => {
  const other = await backendWith();
  const backend = await rawBackend((_, response) =>
    response.writeHead(302, { location: other.endpoint.url.href }).end(),
  );
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const { send } = upstreamWith(endpointAt(backend.url), { auth: { bearer: KEY } }, ENV);
  expect((await failureOf(send())).code).toBe('UPSTREAM_BAD_RESPONSE');
  expect(other.received).toEqual([]);
});

test('a 401 to a key from a file reads the file again, and sends a read once more if it has changed', async () => {
  const file = join(folderWith({ key: 'old\n' }), 'key');
  const { endpoint, received } = await backendWith(401, 401);
  const { send } = upstreamWith(endpoint, { auth: { bearer: KEY } }, { KEY_FILE: file });
  expect((await failureOf(send())).code).toBe('UPSTREAM_ERROR');
  writeFileSync(file, 'new\n');
  await send();
  expect(received.map((request) => request.headers.authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
});

test('metadata of a gRPC call has the token, which UNAUTHENTICATED renews', async () => {
  const tokens = await tokenServer();
  const seen: unknown[] = [];
  const server = await inventoryServer({
    BatchGetStock: (
      call: ServerUnaryCall<unknown, unknown>,
      callback: (error: object | null, value?: object) => void,
    ) => {
      seen.push(call.metadata.get('authorization')[0]);
      if (seen.length === 1) callback({ code: grpcStatus.UNAUTHENTICATED });
      else callback(null, { stocks: [] });
    },
  });
  onTestFinished(() => server.stop());
  const { upstream } = upstreamWith(server.endpoint, client(tokens.url), ENV, 'grpc');
  const method = inventoryMethod('batchGetStock');
  await upstream.send(
    restCall({
      deadline: systemClock.now() + 100_000,
      message: {
        protocol: 'grpc',
        path: method.path,
        request: method.encode({ productIds: ['p1'] }),
        safe: true,
        decode: method.decode,
      },
    }),
  );
  expect(seen).toEqual(['Bearer t1', 'Bearer t2']);
});
