import { pass, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import type { Authenticator } from '../../src/auth/authenticator.ts';
import { firstCredential } from '../../src/auth/first-credential.ts';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Principal } from '../../src/request/principal.ts';
import { signedIn } from '../../src/testing/signed-in.ts';
import { routedGateway } from '../support/gateway/routed-gateway.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, plain, typeDefs } from '../support/modules/small-modules.ts';

const KEY_HOLDER: Principal = {
  kind: 'api-key',
  subject: 'k1',
  issuer: 'api-key',
  owner: 'shop',
  scopes: [],
  roles: [],
};

/** Accepts every credential in this header. */
const accepting = (header: string, principal: Principal): Authenticator => ({
  credentialOf: ({ valuesOf }) =>
    valuesOf(header) === undefined
      ? null
      : { source: header, verify: async () => ({ is: 'authenticated', principal }) },
  close: () => {},
});

const authenticator = firstCredential([
  accepting('cookie', signedIn({ subject: 'alice' })),
  accepting('authorization', signedIn({ subject: 'bob' })),
  accepting('x-api-key', KEY_HOLDER),
]);

const CREDENTIALS = [
  ['a cookie', { cookie: '__Host-tributary-session=alice' }],
  ['a token', { authorization: 'Bearer bob' }],
  ['an API key', { 'x-api-key': 'k1' }],
] as const;

const EDGES = [
  ['the direct edge', true],
  ['the way through Fastify', false],
] as const;

const module = define({
  name: 'files',
  typeDefs: typeDefs('type Query { own: Int @cacheControl(maxAge: 60) }'),
  upstreams: { open: rest(), own: rest({ forward: { identity: 'token' } }) },
  routes: {
    'GET /open/{id}': pass('open'),
    'GET /own/{id}': pass('own'),
    'GET /stored/{id}': pass('own', { cache: true }),
    'GET /secured/{id}': pass('open', { authenticated: true }),
    'GET /ruled/{id}': pass('own', {
      responseHeaders: { allow: ['cdn-cache-control', 'surrogate-control'], set: { 'Cache-Control': 'public' } },
    }),
  },
  resolvers: { Query: { own: () => 2 } },
});

const openModule = plain('catalog', 'type Query { open: Int @cacheControl(maxAge: 60) }', {});

type Headers = Readonly<Record<string, string>>;

const start = async (isDirect: boolean, sent: () => Headers) => {
  const gateway = await routedGateway(
    [module],
    (_request, response) => void response.writeHead(200, sent()).end('answer'),
    { store: memoryStore(systemClock), listener: { authenticator, directEdge: isDirect } },
  );
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  return async (path: string, headers: Headers = {}) => {
    const response = await fetch(gateway.origin + path, { headers });
    expect([await response.text(), response.status]).toEqual(['answer', 200]);
    return response.headers;
  };
};

const listOf = (headers: { get(name: string): string | null }, name: string): readonly string[] =>
  (headers.get(name) ?? '').toLowerCase().split(/, */);

const VARYING = ['cookie', 'authorization', 'x-api-key'];

/** The Cache-Control of a backend, and that for the client. */
const CONTROLS: readonly (readonly [sent: string | null, received: string])[] = [
  ['max-age=60', 'private, max-age=60'],
  ['public, max-age=60, s-maxage=600', 'private, max-age=60'],
  ['Public, S-MaxAge=600', 'private'],
  ['private="x-name", max-age=60', 'private, max-age=60'],
  ['no-store', 'private, no-store'],
  ['no-cache="set-cookie", public, must-revalidate, proxy-revalidate', 'private, no-cache, must-revalidate'],
  ['private, max-age=5, stale-while-revalidate=10', 'private, max-age=5, stale-while-revalidate=10'],
  ['max-age=60, x-public=1', 'private, max-age=60'],
  [null, 'private'],
];

test.each(EDGES)(
  '%s: the answer of a route to an identified caller is for no shared cache',
  async (_edge, isDirect) => {
    let sent: Headers = {};
    const get = await start(isDirect, () => sent);
    for (const [, credential] of CREDENTIALS)
      for (const [control, received] of CONTROLS) {
        sent = { ...(control !== null && { 'cache-control': control }), vary: 'Accept' };
        for (const path of ['/own/1', '/secured/1', '/open/1']) {
          const headers = await get(path, credential);
          expect([path, credential, control, headers.get('cache-control')]).toEqual([
            path,
            credential,
            control,
            received,
          ]);
          expect(listOf(headers, 'vary')).toEqual(expect.arrayContaining(['accept', ...VARYING]));
        }
      }
  },
);

test.each(EDGES)(
  '%s: a route that knows its callers has no public answer, not even to an anonymous one',
  async (_edge, isDirect) => {
    const get = await start(isDirect, () => ({ 'cache-control': 'public, max-age=60' }));
    const headers = await get('/own/1');
    expect([headers.get('cache-control'), listOf(headers, 'vary')]).toEqual([
      'private, max-age=60',
      expect.arrayContaining(VARYING),
    ]);
  },
);

test('an answer from the store of the gateway is private, too', async () => {
  const get = await start(true, () => ({ 'cache-control': 'max-age=60' }));
  const [, cookie] = CREDENTIALS[0];
  const [first, stored] = [await get('/stored/1', cookie), await get('/stored/1', cookie)];
  expect([first.get('age'), stored.get('age'), stored.get('cache-control'), listOf(stored, 'vary')]).toEqual([
    null,
    '0',
    'private, max-age=60',
    expect.arrayContaining(VARYING),
  ]);
});

test('headers for caches of a CDN, and a fixed Cache-Control, make no answer public', async () => {
  const get = await start(true, () => ({ 'cdn-cache-control': 'max-age=60', 'surrogate-control': 'max-age=60' }));
  const headers = await get('/ruled/1', CREDENTIALS[0][1]);
  expect(['cache-control', 'cdn-cache-control', 'surrogate-control'].map((name) => headers.get(name))).toEqual([
    'private',
    null,
    null,
  ]);
});

test('an anonymous caller of a public route receives the Cache-Control of the backend', async () => {
  const get = await start(true, () => ({ 'cache-control': 'public, s-maxage=600', vary: 'Accept' }));
  const headers = await get('/open/1');
  expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['public, s-maxage=600', 'Accept']);
});

test('Vary: * stays', async () => {
  const get = await start(true, () => ({ vary: '*' }));
  expect((await get('/own/1', CREDENTIALS[0][1])).get('vary')).toBe('*');
});

test.each(EDGES)(
  '%s: /graphql answers an identified caller with private, and anonymous ones by the policy',
  async (_edge, isDirect) => {
    const gateway = await servedGateway({
      modules: [module, openModule],
      edge: { authenticator, directEdge: isDirect },
    });
    // The second time, the operation is known.
    for (let n = 0; n < 2; n += 1)
      for (const get of [true, false]) {
        for (const [, headers] of CREDENTIALS)
          for (const field of ['open', 'own']) {
            const answer = await gateway.runQuery(`{ ${field} }`, { get, headers });
            expect([field, answer.headers.get('cache-control')]).toEqual([field, 'max-age=60, private']);
            expect(listOf(answer.headers, 'vary')).toEqual(expect.arrayContaining(VARYING));
          }
        const open = await gateway.runQuery('{ open }', { get });
        expect(open.headers.get('cache-control')).toBe('max-age=60, public');
        const own = await gateway.runQuery('{ own }', { get });
        expect(own.headers.get('cache-control')).toBe('max-age=60, private');
        expect(listOf(own.headers, 'vary')).toEqual(expect.arrayContaining(VARYING));
      }
  },
);
