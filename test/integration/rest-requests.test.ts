import { expect, test } from 'vitest';
import { z } from 'zod';
import type { FieldStyle } from '../../src/backend/bind/body/field-style.ts';
import { rejectionOf, servedClient } from '../support/upstream/rest-client-over.ts';

const response = z.unknown();

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
