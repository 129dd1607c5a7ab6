import { codec, file, rest, UpstreamError } from 'tributary/backend';
import { reply, type Scripted, type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { define, typeDefs } from '../../test/support/modules/small-modules.ts';
import type { RestClient } from '../backend/rest/rest-client.ts';

/** The result of `call` in a module that has one scripted upstream. */
const called = async (api: Scripted, call: (client: RestClient) => Promise<unknown>): Promise<unknown> => {
  let result: unknown;
  const module = define({
    name: 'shop',
    typeDefs: typeDefs('type Query { a: Boolean }'),
    upstreams: { api: rest() },
    resolvers: {
      Query: {
        a: async (_root, _args, { clients }) => {
          result = await call(clients.api);
          return true;
        },
      },
    },
  });
  const { errors } = await testBackend(module, { api }).query('{ a }');
  if (errors !== undefined) throw new Error(errors[0]?.message);
  return result;
};

/** The request of `call`, as the script received it. */
const received = async (call: (client: RestClient) => Promise<unknown>): Promise<ScriptedRequest> => {
  const requests: ScriptedRequest[] = [];
  const api = scripted().post('/x', (request) => {
    requests.push(request);
    return null;
  });
  await called(api, call);
  const [only] = requests;
  if (only === undefined || requests.length > 1) throw new Error(`${requests.length} requests`);
  return only;
};

const response = z.unknown();

test('a script receives a form as URLSearchParams, with the content type and the bytes of the wire', async () => {
  const { body, headers, bytes } = await received((api) =>
    api.post('/x', { form: { a: { b: 1 }, c: 'x y' }, response }),
  );
  expect([...(body as URLSearchParams)]).toEqual([
    ['a[b]', '1'],
    ['c', 'x y'],
  ]);
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(String(Buffer.from(bytes))).toBe('a%5Bb%5D=1&c=x+y');
});

test('a scripted JSON answer has the types of JSON', async () => {
  const api = scripted().get('/x', reply({ status: 200, body: { at: new Date(0) } }));
  expect(await called(api, (client) => client.get('/x', { response }))).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});

test.each<['text' | 'bytes', unknown, unknown]>([
  ['text', 'a,b', 'a,b'],
  ['text', Buffer.from('caf\xe9', 'utf8'), 'café'],
  ['text', { a: 1 }, '{"a":1}'],
  [
    'text',
    reply({ status: 200, headers: { 'content-type': 'text/plain;charset=latin1' }, body: Buffer.from([0xe9]) }),
    'é',
  ],
  ['bytes', 'é', new Uint8Array([0xc3, 0xa9])],
  ['bytes', new Uint8Array([1, 2]), new Uint8Array([1, 2])],
])('an answer read as %s may be scripted as %j', async (as, answer, expected) => {
  const api = scripted().get('/x', answer as string);
  expect(await called(api, (client) => client.get('/x', { as }))).toEqual(expected);
});

test('a stream is scripted as its chunks, and an Error breaks it', async () => {
  const read = (answer: unknown) =>
    called(scripted().get('/x', answer as string[]), async (client) => {
      const chunks: string[] = [];
      try {
        for await (const chunk of await client.get('/x', { as: 'stream' })) chunks.push(Buffer.from(chunk).toString());
      } catch (error) {
        chunks.push(error instanceof UpstreamError ? error.code : String(error));
      }
      return chunks;
    });
  expect(await read(['a', new Uint8Array([0x62])])).toEqual(['a', 'b']);
  expect(await read('whole')).toEqual(['whole']);
  expect(await read(['a', new Error('reset'), 'b'])).toEqual(['a', 'UPSTREAM_ERROR']);
});

test('a codec reads scripted text, and head and full read a reply', async () => {
  const csv = codec({ type: 'text/csv', decode: (text) => text.split(',') });
  const api = scripted()
    .get('/csv', 'a,b')
    .head('/x', reply({ status: 200, headers: { etag: '"e"' } }))
    .post('/x', reply({ status: 201, headers: { location: '/x/7' }, body: { id: '7' } }));
  expect(await called(api, (client) => client.get('/csv', { as: csv, response }))).toEqual(['a', 'b']);
  expect(await called(api, (client) => client.head('/x'))).toEqual({ status: 200, headers: { etag: '"e"' } });
  expect(await called(api, (client) => client.post.full('/x', { body: {}, response }))).toEqual({
    value: { id: '7' },
    status: 201,
    headers: { location: '/x/7' },
    location: '/x/7',
  });
});

test('a script receives a multipart body as FormData, streams included', async () => {
  async function* chunks() {
    yield Buffer.from('a');
    yield Buffer.from('b');
  }
  const { body, headers } = await received((api) =>
    api.post('/x', {
      multipart: { n: 1, f: file({ content: chunks(), name: 'f.txt', type: 'text/plain' }) },
      response,
    }),
  );
  const form = body as FormData;
  expect([form.get('n'), (form.get('f') as File).name, await (form.get('f') as File).text()]).toEqual([
    '1',
    'f.txt',
    'ab',
  ]);
  expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
});

const none = { as: 'none' } as const;

test.each<[string, (api: RestClient) => Promise<unknown>, string, unknown]>([
  ['text', (api) => api.post('/x', { text: 'ü', ...none }), 'text/plain;charset=utf-8', 'ü'],
  ['CSV', (api) => api.post('/x', { text: 'a', headers: { 'content-type': 'text/csv' }, ...none }), 'text/csv', 'a'],
  [
    'bytes',
    (api) => api.post('/x', { bytes: Buffer.from([1]), ...none }),
    'application/octet-stream',
    Buffer.from([1]),
  ],
])('a script receives %s with its type', async (_what, call, type, expected) => {
  const { body, headers } = await received(call);
  expect(headers['content-type']).toBe(type);
  expect(body).toEqual(expected);
});
