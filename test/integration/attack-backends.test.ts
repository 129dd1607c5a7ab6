import type { IncomingMessage } from 'node:http';
import { rest } from 'tributary/backend';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exchange, post } from '../../src/server/test-support/raw-http.ts';
import { errorsOf, type RunningGateway, startGateway } from '../support/gateway.ts';
import { type RawBackend, rawBackend } from '../support/raw-backend.ts';
import { define, typeDefs } from '../support/small-modules.ts';

const options = { response: z.string().nullable() };

/** Lets a client's text reach every part of a call that an author may put it into. */
const door = define({
  name: 'door',
  typeDefs: typeDefs(
    'type Query { byId(id: ID!): String  found(text: String!): String  told(text: String!): String  plain: String }',
  ),
  upstreams: {
    open: rest(),
    told: rest({ forward: { identity: 'token', client: true, headers: ['accept-language'] } }),
  },
  resolvers: {
    Query: {
      byId: (_root, { id }, { clients }) => clients.open.get('/things/{id}/parts', { path: { id }, ...options }),
      found: (_root, { text }, { clients }) => clients.open.get('/things', { query: { text }, ...options }),
      told: (_root, { text }, { clients }) => clients.open.get('/things', { headers: { 'x-text': text }, ...options }),
      plain: (_root, _args, { clients }) => clients.told.get('/plain', options),
    },
  },
});

let backend: RawBackend;
let gateway: RunningGateway;
let seen: IncomingMessage[] = [];

beforeAll(async () => {
  backend = await rawBackend((request, response) => {
    seen.push(request);
    response.writeHead(200, { 'content-type': 'application/json' }).end('"ok"');
  });
  gateway = await startGateway({ DOOR_OPEN_ENDPOINTS: `${backend.url}/base`, DOOR_TOLD_ENDPOINTS: backend.url }, [
    door,
  ]);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
});
beforeEach(() => {
  seen = [];
});

describe('an id is one segment of the path that the module wrote, or it is refused and nothing is sent', () => {
  test.each(['.', '..', '', '\ud800', 'a\udfff'])('refused: %j', async (id) => {
    const answer = await gateway.query('query ($id: ID!) { byId(id: $id) }', { id });
    expect(errorsOf(answer)).toEqual(['byId BAD_USER_INPUT']);
    expect(seen).toEqual([]);
  });

  test.each([
    '%2e%2e',
    '..;',
    '...',
    'a/../b',
    '../../etc/passwd',
    'a?x=1',
    'a#f',
    ';x=1',
    '．．',
    '\u2024\u2024',
    'a\r\nX-Evil: 1',
    'a\0b',
    ' ',
    '//evil.invalid',
    'http://evil.invalid/',
    '\\\\evil.invalid',
    '/\\evil.invalid',
    '@evil.invalid',
    ':80@evil.invalid',
    '[::1]',
    '%',
    '%00',
    '{id}',
    '$&',
    '💥',
    'constructor',
    '__proto__',
    'a'.repeat(2_000),
  ])('one segment: %j', async (id) => {
    const answer = await gateway.query('query ($id: ID!) { byId(id: $id) }', { id });
    expect(answer.data).toEqual({ byId: 'ok' });
    expect(seen.map(({ method }) => method)).toEqual(['GET']);
    const [, base, things, segment = '', parts, ...more] = seen[0]?.url?.split('/') ?? [];
    expect([base, things, parts, more]).toEqual(['base', 'things', 'parts', []]);
    expect(decodeURIComponent(segment)).toBe(id);
    expect(segment).toMatch(/^[\w!'()*.~%-]+$/);
  });

  test.each(['a&admin=1', 'a#b', '\r\nX-Evil: 1', '?', '%26', '＆'])('one value of the query: %j', async (text) => {
    await gateway.query('query ($text: String!) { found(text: $text) }', { text });
    const url = new URL(seen[0]?.url ?? '', backend.url);
    expect([url.pathname, [...url.searchParams]]).toEqual(['/base/things', [['text', text]]]);
  });
});

test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'naïve', '💥', '\x7f'])('a header takes no %j', async (text) => {
  const answer = await gateway.query('query ($text: String!) { told(text: $text) }', { text });
  expect(errorsOf(answer)).toEqual(['told BAD_USER_INPUT']);
  expect(seen).toEqual([]);
});

/** What a client says of itself in so many ways. */
const FORGED = {
  'x-user-id': '1',
  'x-internal-role': 'admin',
  'x-real-ip': '10.0.0.1',
  'x-forwarded-for': '10.0.0.1',
  'x-forwarded-host': 'evil.invalid',
  'x-original-url': '/admin',
  forwarded: 'for=10.0.0.1',
  baggage: `k=${'v'.repeat(4_000)}`,
  cookie: 'session=1',
  'proxy-authorization': 'Basic eA==',
  'accept-language': 'de',
};

const OWN = ['accept', 'accept-encoding', 'connection', 'host', 'user-agent', 'x-request-id'];
const told = () => Object.fromEntries(Object.entries(seen[0]?.headers ?? {}).filter(([name]) => !OWN.includes(name)));

const raw = async (document: string, headers: Readonly<Record<string, string>>) => {
  const { answer } = await exchange(Number(gateway.url.port), post(JSON.stringify({ query: document }), headers));
  return answer;
};

test('of what a client says of itself an upstream is told what it declared, and who really connected', async () => {
  await raw('{ found(text: "x") }', FORGED);
  expect(told()).toEqual({});
  seen = [];
  await raw('{ plain }', { ...FORGED, authorization: 'Bearer alice' });
  expect(told()).toEqual({ authorization: 'Bearer alice', 'accept-language': 'de', 'x-forwarded-for': '127.0.0.1' });
});

test('naming headers in Connection takes none of them away', async () => {
  await raw('{ plain }', { authorization: 'Bearer alice', connection: 'authorization, x-request-id, close' });
  expect(told()).toMatchObject({ authorization: 'Bearer alice' });
});

test.each([
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  'x'.repeat(5_000),
])('a traceparent that is none is not handed on (%#)', async (traceparent) => {
  await raw('{ plain }', { traceparent });
  expect(seen[0]?.headers.traceparent).not.toBe(traceparent);
});

test.each([
  ['client-1:a.b_c', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['a b', false],
  ['"><script>', false],
  ['ä', false],
])('a request id is taken where it is one, and replaced where it is not (%#)', async (id, taken) => {
  const answer = await raw('{ plain }', { 'x-request-id': id });
  expect(answer?.headers['x-request-id'] === id).toBe(taken);
  expect(answer?.headers['x-request-id']).toMatch(/^[\w.:-]{1,128}$/);
  expect(seen[0]?.headers['x-request-id']).toBe(answer?.headers['x-request-id']);
});
