import { codec } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { FieldStyle } from '../../src/backend/rest/body/field-style.ts';
import type { RestClient } from '../../src/backend/rest/rest-client.ts';
import { rejectionOf, servedClient } from '../support/upstream/rest-client-over.ts';

const response = z.unknown();
const FORM = 'application/x-www-form-urlencoded';

const FIELDS = {
  text: 'a b&c=d',
  size: 1.5,
  big: 12345678901234567890n,
  on: false,
  at: new Date(0),
  none: null,
  absent: undefined,
  ids: ['a', null, 'b,c'],
  empty: [],
};
const NESTED = { a: { b: { c: 1 }, d: [1, 2] }, of: [{ x: 1, y: [2] }, { x: 3 }] };

test.each<[FieldStyle, string]>([
  ['repeat', '&ids=a&ids=b%2Cc'],
  ['comma', '&ids=a,b%2Cc'],
  ['brackets', '&ids%5B%5D=a&ids%5B%5D=b%2Cc'],
  ['deep', '&ids=a&ids=b%2Cc'],
  ['dots', '&ids=a&ids=b%2Cc'],
])('the style %s arrives in a query and in a form as written', async (style, ids) => {
  const { client, requests } = await servedClient();
  await client.get('/x', { query: FIELDS, queryStyle: style, response });
  await client.post('/x', { form: FIELDS, formStyle: style, response });
  const scalars = '&size=1.5&big=12345678901234567890&on=false&at=1970-01-01T00%3A00%3A00.000Z';
  expect(requests.map(({ line, bytes }) => `${line} ${bytes}`)).toEqual([
    `GET /x?text=a%20b%26c%3Dd${scalars}${ids} `,
    `POST /x text=a+b%26c%3Dd${scalars}${ids}`,
  ]);
  expect(requests[1]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
});

test.each<[FieldStyle, object, string]>([
  ['brackets', NESTED, 'a[b][c]=1&a[d][]=1&a[d][]=2&of[0][x]=1&of[0][y][]=2&of[1][x]=3'],
  ['dots', NESTED, 'a.b.c=1&a.d=1&a.d=2&of[0].x=1&of[0].y=2&of[1].x=3'],
  ['deep', { a: NESTED.a }, 'a[b][c]=1&a[d]=1&a[d]=2'],
  ['brackets', { a: [[1, 2], [3]] }, 'a[0][]=1&a[0][]=2&a[1][]=3'],
])('objects and lists of objects in the style %s: %j', async (style, fields, expected) => {
  const { client, requests } = await servedClient();
  await client.post('/x', { form: fields, formStyle: style, response });
  await client.get('/x', { query: { ...fields }, queryStyle: style, response });
  expect(decodeURIComponent(String(requests[0]?.bytes))).toBe(expected);
  expect(decodeURIComponent(requests[1]?.line ?? '')).toBe(`GET /x?${expected}`);
});

test('the upstream has the styles of its calls, and a call may differ', async () => {
  const { client, requests } = await servedClient(undefined, { queryStyle: 'comma', formStyle: 'repeat' });
  const ids = { ids: [1, 2] };
  await client.get('/x', { query: ids, response });
  await client.get('/x', { query: ids, queryStyle: 'repeat', response });
  await client.post('/x', { form: ids, response });
  await client.post('/x', { form: ids, formStyle: 'brackets', response });
  expect(requests.map(({ line, bytes }) => `${line} ${bytes}`)).toEqual([
    'GET /x?ids=1,2 ',
    'GET /x?ids=1&ids=2 ',
    'POST /x ids=1&ids=2',
    'POST /x ids%5B%5D=1&ids%5B%5D=2',
  ]);
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

test.each<[string, object, FieldStyle, string]>([
  ['an object', { a: { b: 1 } }, 'repeat', "form: a is an object, which formStyle 'repeat' cannot express"],
  ['an object', { a: { b: 1 } }, 'comma', 'form: a is an object'],
  ['a list of objects', { a: [{ b: 1 }] }, 'deep', 'form: a is a list of objects'],
  ['a cycle', cyclic, 'brackets', 'nested in more than 20 objects'],
  ['NaN', { a: Number.NaN }, 'brackets', 'form: a is NaN: pass text'],
  ['an invalid Date', { a: { b: new Date(Number.NaN) } }, 'brackets', 'form: a[b] is an invalid Date'],
  ['a Map', { a: new Map() }, 'brackets', 'form: a is an object of the class Map'],
  ['bytes', { a: new Uint8Array(1) }, 'dots', 'form: a is an object of the class Uint8Array'],
  ['a function', { a: () => 1 }, 'brackets', 'form: a is a function'],
])('%s in a form fails the call with its name: %j, %s', async (_what, form, formStyle, message) => {
  const { client, requests } = await servedClient();
  const error = await rejectionOf(client.post('/x', { form, formStyle, response }));
  expect(error).toMatchObject({ message: expect.stringContaining(`shop.api: POST /x: `) });
  expect(error).toMatchObject({ message: expect.stringContaining(message) });
  expect(requests).toEqual([]);
});

test('a lone surrogate in a form is bad input', async () => {
  const { client } = await servedClient();
  expect(await rejectionOf(client.post('/x', { form: { a: 'a\ud800' }, response }))).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
});

test('a call with two bodies fails with both names', async () => {
  const { client, requests } = await servedClient();
  const options = { body: 1, form: { a: 1 }, response };
  // @ts-expect-error types do not let this pass
  const error = await rejectionOf(client.post('/x', options));
  expect(error).toMatchObject({ message: 'shop.api: POST /x: a call has one body, not body and form.' });
  expect(requests).toEqual([]);
});

const xml = codec({
  type: 'application/xml; charset=utf-8',
  encode: ({ id }: { readonly id: string }) => `<id>${id}</id>`,
  decode: (text) => ({ id: />(.*)</.exec(text)?.[1] }),
});
const packed = codec({
  type: 'application/msgpack',
  encode: (value: number) => new Uint8Array([value]),
  decode: (text) => text,
});
const none = { as: 'none' } as const;
const typed = (type: string) => ({ headers: { 'Content-Type': type }, ...none });

test.each<[string, (client: RestClient) => Promise<unknown>, string | undefined, string]>([
  ['JSON', (client) => client.post('/x', { body: { a: 'ü' }, ...none }), 'application/json', '{"a":"ü"}'],
  ['no body', (client) => client.post('/x', none), undefined, ''],
  ['text', (client) => client.post('/x', { text: 'ü\r\n', ...none }), 'text/plain;charset=utf-8', 'ü\r\n'],
  ['empty text', (client) => client.post('/x', { text: '', ...none }), 'text/plain;charset=utf-8', ''],
  ['text of a type', (client) => client.put('/x', { text: 'a,b', ...typed('text/csv') }), 'text/csv', 'a,b'],
  [
    'bytes',
    (client) => client.patch('/x', { bytes: Buffer.from([0, 255]), ...none }),
    'application/octet-stream',
    '\0ÿ',
  ],
  [
    'bytes of a type',
    (client) => client.post('/x', { bytes: Buffer.from('x'), ...typed('image/png') }),
    'image/png',
    'x',
  ],
  ['a codec', (client) => client.post('/x', { body: { id: 'ü' }, codec: xml, ...none }), xml.type, '<id>ü</id>'],
  ['a codec of bytes', (client) => client.post('/x', { body: 7, codec: packed, ...none }), packed.type, '\x07'],
  ['a body of delete', (client) => client.delete('/x', { form: { a: 1 }, ...none }), FORM, 'a=1'],
])('%s arrives with its type and its length', async (what, call, type, body) => {
  const { client, requests } = await servedClient();
  await call(client);
  const [{ headers, bytes } = { headers: {}, bytes: Buffer.alloc(0) }] = requests;
  expect(headers['content-type']).toBe(type);
  const sent = Buffer.from(body, what.includes('bytes') ? 'latin1' : 'utf8');
  expect(bytes).toEqual(sent);
  if (body !== '') expect(headers['content-length']).toBe(String(sent.length));
});

test('a codec encodes the body and decodes the answer, and as replaces the decoding', async () => {
  const { client, requests } = await servedClient((reply) => void reply.end('<id>8</id>'));
  const body = { id: '7' };
  expect(await client.post('/x', { body, codec: xml, response })).toEqual({ id: '8' });
  expect(await client.post('/x', { body, codec: xml, as: 'text' })).toBe('<id>8</id>');
  expect(requests.map(({ headers }) => headers.accept)).toEqual([xml.type, 'text/*, */*;q=0.5']);
});

test.each<[string, (client: RestClient) => Promise<unknown>, string]>([
  ['a form', (client) => client.post('/x', { form: {}, ...typed('text/plain') }), 'is that of a form'],
  [
    'a codec',
    (client) => client.post('/x', { body: { id: '' }, codec: xml, ...typed('text/xml') }),
    'is that of the codec',
  ],
  ['text', (client) => client.post('/x', { text: '', ...typed('text/plain; charset=latin1') }), 'another charset'],
])('a content type that does not fit %s is refused', async (_what, call, message) => {
  const { client, requests } = await servedClient();
  expect(await rejectionOf(call(client))).toMatchObject({ message: expect.stringContaining(message) });
  expect(requests).toEqual([]);
});

test('a codec that encodes to something else than text or bytes fails the call', async () => {
  const { client } = await servedClient();
  // @ts-expect-error types do not let this pass
  const broken = codec({ type: 'a/b', encode: () => ({}), decode: (text: string) => text });
  // @ts-expect-error as above
  const error = await rejectionOf(client.post('/x', { body: 1, codec: broken, ...none }));
  expect(error).toMatchObject({ message: expect.stringContaining('POST /x: the codec a/b must encode to a string') });
});

test.each(['xml', 'a/b\r\nx: y', 'a/b; c="ü"', ''])('a codec of the type %j is refused', (type) => {
  expect(() => codec({ type, decode: (text) => text })).toThrow('is no media type');
});

test('a body of maxRequestBytes is sent, and one byte more fails the call', async () => {
  const { client, requests } = await servedClient(undefined, { maxRequestBytes: 4 });
  await client.post('/x', { text: 'üü', ...none });
  await client.post('/x', { bytes: new Uint8Array(4), ...none });
  const over = [
    client.post('/x', { text: 'üüa', ...none }),
    client.post('/x', { bytes: new Uint8Array(5), ...none }),
    client.post('/x', { body: 12345, ...none }),
    client.post('/x', { form: { a: 123 }, ...none }),
  ].map(rejectionOf);
  const message = 'shop.api: POST /x: the body has more than 4 bytes (maxRequestBytes).';
  for (const error of await Promise.all(over)) expect(error).toMatchObject({ message });
  expect(requests).toHaveLength(2);
});
