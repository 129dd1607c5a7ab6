import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type RoutedGateway, routedGateway } from '../support/gateway/routed-gateway.ts';
import { bodiless, exchange } from '../support/http/raw-http.ts';
import { filesModule } from '../support/modules/files-module.ts';

let gateway: RoutedGateway;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const echo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = Buffer.concat(await request.toArray());
  response.writeHead(200, { 'content-type': 'text/plain', 'x-powered-by': 'backend', etag: '"e"' }).end(body);
};

beforeAll(async () => {
  const options = { store: memoryStore(systemClock), config: { openApi: true } };
  gateway = await routedGateway([filesModule], (request, response) => answer(request, response), options);
});
afterEach(() => {
  gateway.received.length = 0;
  answer = (request, response) => void echo(request, response).catch(() => {});
});
afterAll(() => gateway[Symbol.asyncDispose]());
answer = (request, response) => void echo(request, response).catch(() => {});

const get = (path: string, init: RequestInit = {}) => fetch(`${gateway.origin}${path}`, init);
const urls = () => gateway.received.map(({ method, url }) => `${method} ${url}`);

test('a request passes to the target of its route, with its query', async () => {
  const response = await get('/files/a%20b?size=2&x=%2F');
  expect([response.status, urls()]).toEqual([200, ['GET /v2/files/a%20b?size=2&x=%2F']]);
});

test('{path=**} takes all further segments', async () => {
  await get('/static/css/site.css');
  await get('/static/css/');
  expect(urls()).toEqual(['GET /assets/css/site.css', 'GET /assets/css/']);
});

test('a GET route answers HEAD, without a body', async () => {
  const response = await get('/files/7', { method: 'HEAD' });
  expect([response.status, await response.text(), urls()]).toEqual([200, '', ['HEAD /v2/files/7']]);
});

test('a body and its type pass in both directions', async () => {
  const response = await get('/uploads', { method: 'POST', body: 'hello', headers: { 'content-type': 'text/csv' } });
  expect([response.status, await response.text()]).toEqual([200, 'hello']);
  expect(gateway.received[0]?.headers).toMatchObject({ 'content-type': 'text/csv', 'content-length': '5' });
});

test('a body without a length passes in chunks', async () => {
  const body = new Blob(['one', 'two']).stream();
  const response = await get('/uploads', { method: 'POST', body, duplex: 'half' });
  expect([await response.text(), gateway.received[0]?.headers['transfer-encoding']]).toEqual(['onetwo', 'chunked']);
});

test('the caller’s token, cookie and other headers do not pass unless forward or the route names them', async () => {
  const headers = {
    authorization: 'Bearer eve',
    cookie: 'a=b',
    'x-tenant': 't1',
    'x-extra': '1',
    'accept-language': 'de',
  };
  await get('/files/1', { headers });
  await get('/secured', { headers });
  await get('/ruled', { headers });
  const [plain, own, ruled] = gateway.received.map((request) => request.headers);
  expect(Object.keys(plain ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
  expect([plain?.authorization, plain?.cookie, plain?.['x-tenant'], plain?.['accept-language']]).toEqual([
    undefined,
    undefined,
    undefined,
    'de',
  ]);
  expect([own?.authorization, own?.cookie, own?.['x-tenant']]).toEqual(['Bearer eve', undefined, 't1']);
  expect([ruled?.['x-extra'], ruled?.['x-source'], ruled?.['accept-language']]).toEqual(['1', 'gateway', undefined]);
});

test('headers of the answer pass by a list that a route changes', async () => {
  answer = (_request, response) =>
    void response
      .writeHead(200, [
        ...['content-type', 'text/plain', 'x-powered-by', 'php', 'x-kept', 'k', 'etag', '"e"', 'server', 'nginx'],
        ...['set-cookie', 'a=1', 'set-cookie', 'b=2', 'access-control-allow-origin', '*', 'content-length', '2'],
      ])
      .end('ok');
  const plain = await get('/files/1');
  expect(Object.fromEntries(plain.headers)).toMatchObject({ etag: '"e"', 'x-content-type-options': 'nosniff' });
  for (const name of ['x-powered-by', 'x-kept', 'server', 'set-cookie', 'access-control-allow-origin'])
    expect(plain.headers.get(name)).toBeNull();
  const ruled = await get('/ruled');
  expect([ruled.headers.get('x-kept'), ruled.headers.get('x-added'), ruled.headers.get('etag')]).toEqual([
    'k',
    '1',
    null,
  ]);
  expect(ruled.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

test.each([304, 400, 404, 409, 412, 416])('a %d of the backend passes with its body', async (status) => {
  answer = (_request, response) =>
    void response.writeHead(status, { 'content-type': 'text/x' }).end(status === 304 ? '' : 'why');
  const response = await get('/files/1', status === 304 ? { headers: { 'if-none-match': '"e"' } } : {});
  expect([response.status, await response.text()]).toEqual([status, status === 304 ? '' : 'why']);
});

test.each([
  [500, 502, 'UPSTREAM_ERROR', 'The service failed.'],
  [503, 503, 'SERVICE_UNAVAILABLE', 'The service is unavailable.'],
  [429, 429, 'RATE_LIMITED', 'Too many requests. Try again later.'],
  // The client has no credentials at this backend: the gateway is refused.
  [401, 502, 'UPSTREAM_ERROR', 'The service failed.'],
])('a %d of the backend becomes %d %s, without its body', async (sent, status, code, message) => {
  answer = (_request, response) => void response.writeHead(sent).end('at com.internal.Stack');
  const response = await get('/uploads', { method: 'POST' });
  expect(response.status).toBe(status);
  const requestId = response.headers.get('x-request-id');
  expect(await response.json()).toEqual({ code, message, requestId });
});

test('a redirect passes, with the path that clients use', async () => {
  answer = ({ headers }, response) =>
    void response.writeHead(201, { location: `http://${headers.host}/v2/uploads/7`, 'content-length': '0' }).end();
  const response = await get('/uploads', { method: 'POST', redirect: 'manual' });
  expect(response.headers.get('location')).toBe('/uploads/7');
});

test('requirements are checked before anything is sent to the backend', async () => {
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const statuses = [
    (await get('/secured')).status,
    (await get('/scoped', as('eve+files:read'))).status,
    (await get('/mine/eve', as('mallory'))).status,
  ];
  expect([statuses, gateway.received]).toEqual([[401, 403, 403], []]);
  expect([
    (await get('/secured', as('eve'))).status,
    (await get('/scoped', as('eve+files:read+files:list'))).status,
    (await get('/scoped', as('eve+admin'))).status,
    (await get('/mine/eve', as('eve'))).status,
  ]).toEqual([200, 200, 200, 200]);
});

test('a route has a rate limit for each caller', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 3; n += 1) statuses.push((await get('/limited')).status);
  const refused = await get('/limited');
  expect([statuses, urls().length]).toEqual([[200, 200, 429], 2]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit')).toMatch(/^"GET \/limited";r=0;t=/);
});

test('the first route with conditions that hold is used; a body of another type is refused', async () => {
  const typed = (type: string) => get('/typed', { method: 'POST', body: 'x', headers: { 'content-type': type } });
  const statuses = [
    (await typed('image/png')).status,
    (await typed('application/json; a=b')).status,
    (await typed('text/x')).status,
  ];
  await get('/versioned', { headers: { 'x-api-version': '2' } });
  await get('/versioned');
  expect([statuses, urls()]).toEqual([
    [200, 200, 415],
    ['POST /images', 'POST /json', 'GET /two', 'GET /one'],
  ]);
});

test('answers of routes that a header chooses have it in Vary, with the Vary of the backend', async () => {
  const varyOf = async (path: string, init: RequestInit = {}) => (await get(path, init)).headers.get('vary');
  answer = (_request, response) => response.setHeader('vary', 'accept').end('ok');
  const varies = [
    await varyOf('/versioned', { headers: { 'x-api-version': '2' } }),
    await varyOf('/versioned'),
    await varyOf('/versioned', { method: 'HEAD' }),
    await varyOf('/files/1'),
  ];
  // The last route has no conditions.
  expect(varies).toEqual([...Array.from({ length: 3 }, () => 'x-api-version, accept'), 'accept']);
});

test('a GET without a body that its Content-Type gives to another route has Vary: Content-Type', async () => {
  const varyOf = async (headers: Record<string, string>) => (await get('/typed-read', { headers })).headers.get('vary');
  expect([await varyOf({ 'content-type': 'text/x-diff' }), await varyOf({})]).toEqual(['content-type', 'content-type']);
  expect(urls()).toEqual(['GET /patches', 'GET /one']);
});

test('another method is refused with those of the path, and a body above maxBytes with 413', async () => {
  const other = await get('/files/1', { method: 'PATCH' });
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD, DELETE']);
  const large = await get('/small', { method: 'PUT', body: 'x'.repeat(11) });
  const body = new Blob(['x'.repeat(8), 'y'.repeat(8)]).stream();
  const chunked = await get('/small', { method: 'PUT', body, duplex: 'half' });
  expect([large.status, chunked.status]).toEqual([413, 413]);
  expect((await get('/small', { method: 'PUT', body: 'x'.repeat(10) })).status).toBe(200);
});

test('the log has the route’s calls, and metrics its template', async () => {
  await (await get('/files/77')).text();
  const entry = gateway.access.at(-1);
  expect(entry).toMatchObject({ path: '/files/77', status: 200, upstream: { calls: 1 } });
});

test('/graphql works next to routes', async () => {
  const response = await get('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ files }"}',
  });
  expect(await response.json()).toEqual({ data: { files: 1 } });
});

/** Answers with these headers, and with the number of the request as the body. */
const counted =
  (headers: Record<string, string>) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(200, headers).end(`answer ${gateway.received.length}`);

test('an answer is stored as its Cache-Control allows, and a client that has it gets 304', async () => {
  answer = counted({ 'cache-control': 'max-age=60', etag: '"a"', age: '10' });
  // fetch would send `cache-control: no-cache` with a condition.
  const plain = async (headers: Readonly<Record<string, string>> = {}) =>
    (await exchange(gateway.port, bodiless('GET', '/cached/1', { connection: 'close', ...headers }))).answer;
  const [first, second] = [await plain(), await plain()];
  expect([first?.body, second?.body, urls().length]).toEqual(['answer 1', 'answer 1', 1]);
  expect([second?.headers.age, second?.headers.etag]).toEqual(['10', '"a"']);
  const known = await plain({ 'if-none-match': 'W/"a", "b"' });
  expect([known?.status, known?.body, urls().length]).toEqual([304, '', 1]);
});

test.each([
  ['no-store', {}],
  ['private, max-age=60', {}],
  ['max-age=0', {}],
  ['no-cache', {}],
  ['max-age=60', { vary: '*' }],
  ['max-age=60', { 'set-cookie': 'a=1' }],
  ['max-age=60', { age: '60' }],
  ['', {}],
])('an answer with Cache-Control %j and %j is not stored', async (control, headers) => {
  answer = counted({ 'cache-control': control, ...headers });
  const path = `/cached/${encodeURIComponent(control + JSON.stringify(headers)).replaceAll('%', '-')}`;
  await get(path);
  await get(path);
  expect(urls().length).toBe(2);
});

test('a request with no-cache, of a range or with other headers for the backend gets no stored answer', async () => {
  answer = counted({ 'cache-control': 'max-age=60' });
  for (const headers of [{}, { 'cache-control': 'no-cache' }, { range: 'bytes=0-1' }, { 'accept-language': 'de' }])
    await get('/cached/9', { headers });
  expect(urls().length).toBe(4);
});

test('one caller’s stored answer is never another’s', async () => {
  answer = ({ headers }, response) =>
    void response
      .writeHead(200, { 'cache-control': 'public, max-age=60' })
      .end(`${headers.authorization} ${headers['x-tenant']} ${gateway.received.length}`);
  const as = async (token: string, tenant: string) => {
    const headers = { authorization: `Bearer ${token}`, 'x-tenant': tenant };
    return (await get('/cached-mine', { headers })).text();
  };
  const first = [await as('ann', 'a'), await as('bob', 'a'), await as('ann', 'b'), await as('ann+scope', 'a')];
  expect(first).toEqual(['Bearer ann a 1', 'Bearer bob a 2', 'Bearer ann b 3', 'Bearer ann+scope a 4']);
  expect([await as('bob', 'a'), await as('ann', 'b'), urls().length]).toEqual(['Bearer bob a 2', 'Bearer ann b 3', 4]);
  expect((await get('/cached-mine')).status).toBe(401);
});

test('a body above maxBytes is not stored', async () => {
  answer = (_request, response) => void response.writeHead(200, { 'cache-control': 'max-age=60' }).end('x'.repeat(101));
  const headers = { authorization: 'Bearer large' };
  await get('/cached-mine', { headers });
  await get('/cached-mine', { headers });
  expect(urls().length).toBe(2);
});

test('/openapi.json describes the routes, without their upstreams', async () => {
  const text = await (await get('/openapi.json')).text();
  const { openapi, paths } = JSON.parse(text);
  expect([openapi, Object.keys(paths['/files/{id}'])]).toEqual(['3.1.0', ['get', 'delete']]);
  expect(paths['/cached/{id}'].get).toMatchObject({
    summary: 'A cached file.',
    parameters: [{ name: 'id', in: 'path' }],
  });
  expect(paths['/scoped'].get.security).toEqual([{ bearer: ['files:read', 'files:list'] }, { bearer: ['admin'] }]);
  expect(Object.keys(paths['/typed'].post.requestBody.content)).toEqual(['image/*', 'application/json']);
  expect(Object.keys(paths['/static/{path}'])).toEqual(['get']);
  expect(text).not.toMatch(/v2|assets|own/);
});

test('routes do not shadow the paths of the gateway', async () => {
  expect((await get('/livez')).status).toBe(200);
  expect([(await get('/readyz')).status, (await get('/')).status, gateway.received]).toEqual([200, 404, []]);
});
