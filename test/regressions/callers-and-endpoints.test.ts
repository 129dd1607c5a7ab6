import { rest } from 'tributary/backend';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { errorsOf, startGateway } from '../support/gateway/gateway.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { startNode } from '../support/processes/processes.ts';

type Forward = NonNullable<Parameters<typeof rest>[0]>['forward'];

/** A module with fields that are read from one upstream, by the routes `/quote` and `/text`. */
const quotes = (forward?: Forward) =>
  define({
    name: 'quotes',
    typeDefs: typeDefs('type Query { quote: String text: String } type Mutation { pay(card: String!): String }'),
    upstreams: { api: rest({ ...(forward && { forward }) }) },
    resolvers: {
      Query: {
        quote: (_root: unknown, _args: unknown, { clients }) => clients.api.get('/quote', { response: z.string() }),
        text: (_root: unknown, _args: unknown, { clients }) => clients.api.get('/text', { response: z.string() }),
      },
      Mutation: {
        pay: (_root: unknown, { card }: { card: string }, { clients }) =>
          clients.api.post('/payments', { body: { card }, response: z.string() }),
      },
    },
  });

/** Three endpoints that answer x-user `ann`, and any other user with 429 and a minute to wait. Records the users of all calls. */
const withQuota = async () => {
  const users: string[] = [];
  const backend = await rawBackend((request, response) => {
    const user = String(request.headers['x-user'] ?? 'nobody');
    users.push(user);
    if (user === 'ann') response.writeHead(200, { 'content-type': 'application/json' }).end('"ok"');
    else response.writeHead(429, { 'retry-after': '60' }).end();
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return { users, env: { QUOTES_API_ENDPOINTS: ['one', 'two', 'three'].map((at) => `${backend.url}/${at}`).join() } };
};

test('a 429 with Retry-After pauses only its caller’s calls if the upstream distinguishes callers', async () => {
  const { users, env } = await withQuota();
  await using gateway = await startGateway(env, [quotes({ headers: ['x-user'] })]);
  const runQuery = (user: string) => gateway.query('{ quote }', {}, { 'x-user': user });
  expect(await runQuery('greedy')).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  expect(users).toEqual(['greedy', 'greedy', 'greedy']);
  for (let again = 0; again < 5; again++) {
    const { errors } = await runQuery('greedy');
    expect(errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', details: { retryAfter: expect.any(Number) } } },
    ]);
    expect(await runQuery('ann')).toMatchObject({ data: { quote: 'ok' }, errors: [] });
  }
  expect(users.filter((user) => user === 'greedy')).toHaveLength(3);
});

test('a 429 with Retry-After pauses the endpoint if the upstream receives no identity of callers', async () => {
  const { users, env } = await withQuota();
  await using gateway = await startGateway(env, [quotes()]);
  expect(errorsOf(await gateway.query('{ quote }'))).toEqual(['quote RATE_LIMITED']);
  expect(errorsOf(await gateway.query('{ quote }'))).toEqual(['quote SERVICE_UNAVAILABLE']);
  expect(users).toHaveLength(3);
});

test('rejected cards and a broken route do not take the only endpoint from other calls', async () => {
  const backend = await rawBackend((request, response) => {
    if (request.method === 'POST') response.writeHead(500).end();
    else response.end(request.url === '/text' ? 'It works!' : '"ok"');
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  await using gateway = await startGateway({ QUOTES_API_ENDPOINTS: backend.url }, [quotes()]);
  for (let again = 0; again < 20; again++) {
    expect(errorsOf(await gateway.query('mutation { pay(card: "bad") }'))).toEqual(['pay UPSTREAM_ERROR']);
    expect(errorsOf(await gateway.query('{ text }'))).toEqual(['text UPSTREAM_BAD_RESPONSE']);
  }
  expect(await gateway.query('{ quote }')).toMatchObject({ data: { quote: 'ok' }, errors: [] });
});

const KEYED = `
import { defineBackend, rest } from 'tributary/backend';
import { z } from 'zod';
export default defineBackend()({
  name: 'keyed',
  typeDefs: { text: 'type Query { secret: String }', file: import.meta.filename },
  upstreams: { api: rest() },
  resolvers: {
    Query: { secret: (_, __, { clients }) => clients.api.get('/secret', { response: z.string() }) },
  },
});
`;

test('a rejected credential of the gateway is UPSTREAM_ERROR for clients and one warning in the log', async () => {
  const backend = await rawBackend((_request, response) => void response.writeHead(401).end());
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const gateway = startNode('src/main.ts', [], {
    env: {
      PORT: '0',
      ADMIN_PORT: '0',
      HOST: '127.0.0.1',
      SCHEMA_DIR: folderWith({ 'keyed/index.ts': KEYED }),
      KEYED_API_ENDPOINTS: backend.url,
    },
  });
  onTestFinished(async () => void (await gateway.stop('SIGKILL')));
  const [, url = ''] = await gateway.waitFor(/ready: (\S+)/);
  for (let again = 0; again < 3; again++) {
    const response = await fetch(new URL('/graphql', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ secret }"}',
    });
    expect(await response.json()).toMatchObject({
      errors: [{ message: 'A service behind this field failed.', extensions: { code: 'UPSTREAM_ERROR' } }],
    });
  }
  await gateway.stop();
  const warnings = gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('refuses the credentials'));
  expect(warnings).toHaveLength(1);
  expect(JSON.parse(warnings[0] ?? '')).toMatchObject({ upstream: 'keyed.api', route: 'GET /secret', status: '401' });
});

test.each([
  [undefined, 'UPSTREAM_ERROR'],
  [{ identity: 'token' }, 'FORBIDDEN'],
] as const)('a scripted 403 of an upstream with forward %j is %s, as in production', async (forward, code) => {
  const script = scripted().get('/quote', reply({ status: 403 }));
  const { errors } = await testBackend(quotes(forward), { api: script }).query('{ quote }');
  expect(errors).toMatchObject([{ extensions: { code } }]);
});
