import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { introspectionRig } from '../../../test/support/auth/introspection-rig.ts';
import { AUDIENCE } from '../../../test/support/auth/issuer.ts';

const USER = { sub: 'c1', aud: AUDIENCE };
const OK = JSON.stringify({ active: true, ...USER });

type Answer = (response: ServerResponse, token: string) => void;

type Fault = readonly [title: string, answer: Answer, reason: string];

/** Failures of the provider, whatever the token. */
const OUTAGES: readonly Fault[] = [
  ['500', (response) => response.writeHead(500).end(OK), 'status 500'],
  ['429', (response) => response.writeHead(429).end(), 'status 429'],
  ['401 for the client', (response) => response.writeHead(401).end('{"error":"invalid_client"}'), 'status 401'],
  ['a redirect', (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(OK), 'status 307'],
  ['a closed connection', (response) => response.destroy(), 'fetch failed'],
  [
    'half a response',
    (response) => response.writeHead(200).write('{"active":', () => response.destroy()),
    'terminated',
  ],
];

/** Failures that may concern one token only. */
const BAD_RESPONSES: readonly Fault[] = [
  ['400', (response) => response.writeHead(400).end('{"error":"invalid_request"}'), 'status 400'],
  ['a page', (response) => response.end('<!doctype html>'), 'JSON'],
  ['nothing', (response) => response.end(), 'JSON'],
  ['70 KiB', (response) => response.end(OK + ' '.repeat(70_000)), 'more than 65536 bytes'],
  ['active as the text "true"', (response) => response.end(OK.replace('true', '"true"')), 'no active of true or false'],
  ['active as 1', (response) => response.end(OK.replace('true', '1')), 'no active of true or false'],
  ['no active', (response) => response.end(JSON.stringify(USER)), 'no active of true or false'],
  ['a list', (response) => response.end(`[${OK}]`), 'no active of true or false'],
];

const FAILS = 'The introspection of tokens fails; unknown tokens are answered with 503.';
const ONE_FAILED = 'The introspection of a token failed; it is answered with 503.';
const warning = (message: string, reason: string) => ({
  message,
  issuer: 'https://opaque.example',
  reason: expect.stringContaining(reason),
});

test.each(OUTAGES)(
  '%s of the provider is 503, and five of them in a row are a warning',
  async (_title, answer, reason) => {
    const { server, verify, warnings } = await introspectionRig();
    server.answer = answer;
    for (let attempt = 1; attempt <= 5; attempt += 1) expect(await verify(`t${attempt}`)).toBe('503 after 1 s');
    expect(await verify('t6')).toBe('503 after 1 s');
    expect(server.requests).toHaveLength(5);
    expect(warnings).toEqual([warning(FAILS, reason)]);
    expect(JSON.stringify(warnings)).not.toMatch(/t\d|s:ecret|invalid_client|doctype/);
  },
);

test.each(BAD_RESPONSES)(
  '%s for tokens of five networks in a row opens the circuit',
  async (_title, answer, reason) => {
    const { server, verify, warnings } = await introspectionRig();
    server.answer = answer;
    for (let n = 1; n <= 5; n += 1) expect(await verify(`t${n}`, `198.51.100.${n}`)).toBe('503 after 5 s');
    expect(await verify('t6')).toBe('503 after 1 s');
    expect(server.requests).toHaveLength(5);
    expect(warnings).toEqual([warning(ONE_FAILED, reason), warning(FAILS, reason)]);
    expect(JSON.stringify(warnings)).not.toMatch(/t\d|s:ecret|invalid_client|doctype/);
  },
);

test.each(BAD_RESPONSES)(
  '%s for tokens of one network leaves those of others valid',
  async (_title, answer, reason) => {
    const { server, clock, verify, warnings } = await introspectionRig();
    server.answer = (response, token) => (token === 'fresh' ? response.end(OK) : answer(response, token));
    for (let n = 1; n <= 20; n += 1) expect(await verify(`t${n}`)).toBe('503 after 5 s');
    expect(await verify('fresh', '198.51.100.1')).toBe('c1');
    expect(server.requests).toHaveLength(21);
    expect(warnings).toEqual([warning(ONE_FAILED, reason)]);
    // A token that failed is introspected once in five seconds.
    for (let n = 1; n <= 5; n += 1) expect(await verify('t1')).toBe('503 after 5 s');
    expect(server.requests).toHaveLength(21);
    clock.advance(5_000);
    expect(await verify('t1')).toBe('503 after 5 s');
    expect(server.requests).toHaveLength(22);
  },
);

test('a client with bad tokens does not keep the circuit open after an outage', async () => {
  const { server, clock, verify, warnings } = await introspectionRig();
  server.answer = (response) => response.writeHead(503).end();
  for (let n = 1; n <= 5; n += 1) await verify(`t${n}`);
  server.answer = (response, token) => response.end(token === 'fresh' ? OK : '<!doctype html>');
  clock.advance(1_000);
  // The only request of the half-open circuit.
  expect(await verify('bad')).toBe('503 after 5 s');
  expect(await verify('fresh', '198.51.100.1')).toBe('c1');
  expect(warnings.at(-1)).toMatchObject({ message: 'The introspection of tokens works again.' });
});

test('with the provider down, known tokens are valid until their time, and unknown ones 503 with growing delays', async () => {
  const { server, clock, verify, warnings } = await introspectionRig({ ttlMs: 300_000 });
  server.active.set('known', USER);
  expect(await verify('known')).toBe('c1');
  server.answer = (response) => response.writeHead(503).end();
  for (let attempt = 1; attempt <= 5; attempt += 1) expect(await verify('unknown')).toBe('503 after 1 s');
  const requests = server.requests.length;
  const waits: string[] = [];
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    waits.push(await verify('unknown'));
    expect(await verify('known')).toBe('c1');
    clock.advance(seconds * 1_000);
    // The only request of the half-open circuit.
    expect(await verify('unknown')).toBe('503 after 1 s');
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30].map((seconds) => `503 after ${seconds} s`));
  expect(server.requests).toHaveLength(requests + 7);
  clock.advance(300_000);
  expect(await verify('known')).toBe('503 after 1 s');
  server.answer = null;
  clock.advance(30_000);
  expect(await verify('known')).toBe('c1');
  expect(await verify('unknown')).toBe('not active');
  expect(warnings).toMatchObject([{ reason: 'status 503' }, { message: 'The introspection of tokens works again.' }]);
});

test('a provider that hangs delays a request by five seconds, and one request is sent for one token', async () => {
  const { server, clock, verify } = await introspectionRig();
  const held: ServerResponse[] = [];
  server.answer = (response) => void held.push(response);
  const all = Promise.all([verify('a'), verify('a'), verify('a')]);
  await expect.poll(() => held.length, { timeout: 60_000 }).toBe(1);
  clock.advance(5_000);
  expect(new Set(await all)).toEqual(new Set(['503 after 1 s']));
  expect(server.requests).toHaveLength(1);
});

test('a provider that hangs within its response delays a request by five seconds', async () => {
  const { server, clock, verify } = await introspectionRig();
  const begun: ServerResponse[] = [];
  server.answer = (response) => {
    response.writeHead(200).write('{"active":');
    begun.push(response);
  };
  const result = verify('a');
  await expect.poll(() => begun.length, { timeout: 60_000 }).toBe(1);
  clock.advance(5_000);
  expect(await result).toBe('503 after 1 s');
});

test('one network has at most 100 introspections in flight; further unknown tokens of it are 503', async () => {
  const { server, verify } = await introspectionRig();
  server.active.set('known', USER);
  expect(await verify('known')).toBe('c1');
  const held: ServerResponse[] = [];
  server.answer = (response) => void held.push(response);
  const waiting = Promise.all(Array.from({ length: 100 }, (_, n) => verify(`t${n}`)));
  await expect.poll(() => held.length, { timeout: 60_000 }).toBe(100);
  expect(await verify('one-more')).toBe('503 after 1 s');
  expect(await verify('known')).toBe('c1');
  // All callers of a token share its request, whatever their networks.
  const joined = verify('t0', '198.51.100.1');
  for (const response of held) response.end('{"active":false}');
  expect(new Set([...(await waiting), await joined])).toEqual(new Set(['not active']));
  server.answer = null;
  expect(await verify('one-more')).toBe('not active');
  expect(server.requests).toHaveLength(102);
});

test('a JWT that the provider does not introspect is refused, and no failure of the provider', async () => {
  const { server, issuer, verify, warnings } = await introspectionRig();
  server.answer = (response) => response.writeHead(400).end('{"error":"unsupported_token_type"}');
  for (let n = 0; n < 9; n += 1) expect(await verify(issuer.token({ iss: `https://${n}.example` }))).toBe('not active');
  server.answer = null;
  server.active.set('opaque', USER);
  expect(await verify('opaque')).toBe('c1');
  expect(warnings).toEqual([]);
});

test('tokens of one network in flight leave room for those of others', async () => {
  const { server, verify } = await introspectionRig();
  server.active.set('fresh', USER);
  const held: ServerResponse[] = [];
  server.answer = (response, token) => void (token === 'fresh' ? response.end(OK) : held.push(response));
  const garbage = Promise.all(Array.from({ length: 150 }, (_, n) => verify(`t${n}`)));
  await expect.poll(() => held.length, { timeout: 60_000 }).toBe(100);
  expect(await verify('fresh', '198.51.100.1')).toBe('c1');
  for (const response of held) response.end('{"active":false}');
  const results = await garbage;
  expect(results.filter((result) => result === '503 after 1 s')).toHaveLength(50);
});
