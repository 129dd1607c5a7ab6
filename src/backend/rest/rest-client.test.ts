import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { UpstreamError } from '../../core/errors.ts';
import { untraced } from '../../telemetry/open-trace.ts';
import type { Answer, Call } from '../../upstream/call.ts';
import type { BoundRequest } from '../bind/bind-request.ts';
import type { RestOptions } from '../define/upstream-options.ts';
import { UrlTooLongError } from './rest-call.ts';
import { restClient } from './rest-client.ts';

const signal = new AbortController().signal;
const request: BoundRequest = {
  upstream: 'shop.things',
  principalKey: 'anonymous',
  caller: 'anonymous',
  isIdentified: false,
  deadline: 5_000,
  signal,
  headers: { 'x-request-id': 'r-1' },
  trace: untraced(),
  affinity: null,
  keyScope: (place, value) => `${value} of ${place}`,
};
const Thing = z.object({ id: z.string() });
const anything = z.unknown();

/** A client that records its calls and answers each with this value. */
const client = (
  value: unknown = null,
  { headers = {}, ...options }: RestOptions & Partial<Pick<Answer, 'headers'>> = {},
) => {
  const calls: Call[] = [];
  const bound = restClient({ protocol: 'rest', ...options }, request, async (call) => {
    calls.push(call);
    return { status: 200, headers, size: 0, value };
  });
  return Object.assign(bound, { calls });
};

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  );

test('a read is one idempotent call, named by its template, with all values of the bound request', async () => {
  const { get, calls } = client({ id: 'a/b' });
  const options = { path: { id: 'a/b' }, query: { first: 2 }, headers: { 'X-Api': '1' }, response: Thing };
  expect(await get('/things/{id}', options)).toEqual({ id: 'a/b' });
  expect(calls).toEqual([
    {
      upstream: 'shop.things',
      route: 'GET /things/{id}',
      idempotent: true,
      principalKey: 'anonymous',
      caller: 'anonymous',
      isIdentified: false,
      request: request.trace,
      headers: { 'x-request-id': 'r-1', 'x-api': '1' },
      message: { protocol: 'rest', method: 'GET', target: '/things/a%2Fb?first=2', body: null },
      deadline: 5_000,
      signal,
      bounded: true,
      attempt: 1,
      endpoint: null,
      affinity: null,
    },
  ]);
});

test.each(['post', 'put', 'patch', 'delete'] as const)(
  '%s is not sent twice, unless a key says that it may be',
  async (method) => {
    const rest = client();
    await rest[method]('/things', { body: { a: 1 }, response: anything });
    await rest[method]('/things', { idempotencyKey: 'k-1', response: anything });
    expect(
      rest.calls.map(({ idempotent, headers, message }) => [idempotent, headers['idempotency-key'], message]),
    ).toEqual([
      [false, undefined, { protocol: 'rest', method: method.toUpperCase(), target: '/things', body: '{"a":1}' }],
      [
        true,
        `k-1 of ${method.toUpperCase()} /things`,
        { protocol: 'rest', method: method.toUpperCase(), target: '/things', body: null },
      ],
    ]);
  },
);

test.each(['a\r\nx: y', 'a\nb', 'a\0b', 'ü', '日本', '\ud800', '\x7f', ' a', 'a ', 'a\t', ' '])(
  'a header with %j is bad input, and nothing is sent',
  async (value) => {
    const { get, post, calls } = client();
    expect(await failureOf(get('/things', { headers: { 'x-note': value }, response: anything }))).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    const idempotencyKey = { unscoped: value };
    expect(await failureOf(post('/things', { idempotencyKey, response: anything }))).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(calls).toEqual([]);
  },
);

test.each([
  ['content-length', '5'],
  ['Content-Encoding', 'gzip'],
  ['Host', 'other.internal'],
  ['connection', 'close'],
  ['TE', 'trailers'],
  ['transfer-encoding', 'chunked'],
  ['expect', '100-continue'],
  ['Idempotency-Key', 'k'],
  ['traceparent', '00-1'],
  ['X-Envoy-Expected-Rq-Timeout-Ms', '5'],
  ['content-type', 'text/plain'],
  ['Content-Type', 'application/json; charset=latin1'],
  ['not a name', 'x'],
  ['', 'x'],
  ['ü', 'x'],
])('the header %s: %s cannot be sent as written, and the call fails with its name', async (name, value) => {
  const { post, calls } = client();
  const error = await failureOf(post('/things', { headers: { [name]: value }, body: {}, response: anything }));
  expect(error).toMatchObject({
    message: expect.stringContaining(`shop.things: POST /things: the header ${JSON.stringify(name)} `),
  });
  expect(calls).toEqual([]);
});

test('a duplicate header, or one that is not text, fails the call', async () => {
  const { get, calls } = client();
  expect(String(await failureOf(get('/things', { headers: { 'X-A': '1', 'x-a': '2' }, response: anything })))).toMatch(
    'is set twice',
  );
  const headers: Record<string, string> = JSON.parse('{"x-a":null}');
  expect(String(await failureOf(get('/things', { headers, response: anything })))).toMatch('is not a string');
  expect(calls).toEqual([]);
});

test.each(['application/merge-patch+json', 'application/json; charset=UTF-8', 'application/vnd.shop.v2+json;v=1'])(
  'the content type %s is sent',
  async (type) => {
    const { patch, calls } = client();
    await patch('/things', { headers: { 'Content-Type': type }, body: {}, response: anything });
    expect(calls[0]?.headers['content-type']).toBe(type);
  },
);

test('a header that is the deadline header of another upstream is sent', async () => {
  const { get, calls } = client(null, { deadlineHeader: 'x-left' });
  await get('/things', { headers: { 'X-Envoy-Expected-Rq-Timeout-Ms': '5' }, response: anything });
  expect(calls[0]?.headers['x-envoy-expected-rq-timeout-ms']).toBe('5');
  expect(String(await failureOf(get('/things', { headers: { 'X-Left': '5' }, response: anything })))).toMatch('X-Left');
});

test('a body that JSON cannot represent fails the call with the route and the name', async () => {
  const { post, calls } = client();
  expect(await failureOf(post('/things', { body: { price: Number.NaN }, response: anything }))).toMatchObject({
    message: 'shop.things: POST /things: "price" in the body is NaN, which JSON cannot represent.',
  });
  expect(calls).toEqual([]);
});

test('a value that cannot be a segment is bad input, and nothing is sent', async () => {
  const { get, calls } = client();
  expect(await failureOf(get('/things/{id}', { path: { id: '..' }, response: anything }))).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  expect(calls).toEqual([]);
});

test('an answer is the output of its validator, also of an asynchronous one', async () => {
  expect(await client('7').get('/things', { response: z.string().transform(Number) })).toBe(7);
  expect(await client('7').get('/things', { response: z.string().transform(async (text) => Number(text)) })).toBe(7);
});

test.each([
  [{ id: 1 }, /: id: /],
  [null, /: the answer: /],
  [undefined, /: the answer: /],
  [[], /: the answer: /],
  ['<html>', /: the answer: /],
])('the invalid answer %j is a bad response; its reason contains the path and no value', async (value, where) => {
  const error = await failureOf(client(value).get('/things/{id}', { path: { id: 1 }, response: Thing }));
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', upstream: 'shop.things', route: 'GET /things/{id}' });
  expect(String(error)).toMatch(where);
  expect(String(error)).not.toContain('html');
});

test('the error for an invalid list item contains its index', async () => {
  const error = await failureOf(client([{ id: 'a' }, { id: 2 }]).get('/things', { response: z.array(Thing) }));
  expect(String(error)).toContain('1.id: ');
});

test('any Standard Schema validator is accepted, also one with objects as paths', async () => {
  const refuses: StandardSchemaV1<unknown, string> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => ({ issues: [{ message: 'no', path: [{ key: 'a' }, 'b'] }] }),
    },
  };
  expect(String(await failureOf(client().get('/things', { response: refuses })))).toContain('a.b: no');
});

test('a URL longer than allowed is not sent; one of exactly the maximum is', async () => {
  const { get, calls } = client(null, { maxUrlLength: 20 });
  const length = '/things?ids='.length;
  await get('/things', { query: { ids: 'x'.repeat(20 - length) }, response: anything });
  expect(
    await failureOf(get('/things', { query: { ids: 'x'.repeat(21 - length) }, response: anything })),
  ).toBeInstanceOf(UrlTooLongError);
  expect(calls.map(({ message }) => message.protocol === 'rest' && message.target.length)).toEqual([20]);
});

test('a failed call rejects with its error, unchanged', async () => {
  const failure = new UpstreamError('NOT_FOUND', { upstream: 'shop.things', route: 'GET /things' }, 'answered 404');
  const { get } = restClient({ protocol: 'rest' }, request, () => Promise.reject(failure));
  expect(await failureOf(get('/things', { response: anything }))).toBe(failure);
});

const page = async (link?: string) => {
  const { getPage } = client([{ id: 'a' }], link === undefined ? {} : { headers: { link } });
  const { value, next } = await getPage('/things', { response: z.array(Thing) });
  expect(value).toEqual([{ id: 'a' }]);
  return next === null ? null : Object.fromEntries(next);
};

test.each([
  ['</things?after=c20&limit=20>; rel="next"', { after: 'c20', limit: '20' }],
  ['<https://shop.internal/things?after=a%2Cb>; rel=next', { after: 'a,b' }],
  ['</things?after=1>; rel="prev", </things?after=3>; rel="next"', { after: '3' }],
  ['</things?ids=a,b&after=2>; title="one, two"; rel="next"', { ids: 'a,b', after: '2' }],
  ['</things?after=2>; rel="last next"', { after: '2' }],
  ['</things?after=2>; REL="Next"', { after: '2' }],
  ['</things>;rel=next', {}],
])('the next page is read from the Link header: %s', async (link, expected) => {
  expect(await page(link)).toEqual(expected);
});

test.each([
  undefined,
  '',
  '</things?after=1>; rel="prev"',
  '</things?after=1>; rel="next-archive"',
  '</things?after=1>; rel=nextpage',
  '</things?after=1>; rel="prev"; title="rel=next"',
  '</things?after=1>; title="; rel=next"; rel="prev"',
  '</things?after=1>; rel="prev"; rel="next"',
  'rel="next"',
])('without a next page, next is null: %s', async (link) => {
  expect(await page(link)).toBeNull();
});
