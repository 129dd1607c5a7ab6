import { defineBackend, rest, secret } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { scripted, testBackend } from './index.ts';

const KEY = secret('KEY');

const shop = (own: Parameters<typeof rest>[0], call: object = {}) =>
  defineBackend()({
    name: 'shop',
    typeDefs: { text: 'type Query { thing: String }', file: import.meta.filename },
    upstreams: { things: rest(own) },
    resolvers: {
      Query: {
        thing: (_root, _args, { clients }) => clients.things.get('/thing', { response: z.string(), ...call }),
      },
    },
  });

/** Headers and URL of the request of one call. */
const sent = async (module: ReturnType<typeof shop>) => {
  const requests: { url: string; authorization: string | undefined; key: string | undefined }[] = [];
  const things = scripted().get('/thing', ({ url, headers }) => {
    requests.push({ url, authorization: headers.authorization, key: headers['x-key'] });
    return 'x';
  });
  const { errors } = await testBackend(module, { things }).query('{ thing }');
  return { request: requests[0], message: errors?.[0]?.message };
};

const CLIENT = { tokenUrl: 'https://login.invalid/token', clientId: 'shop', clientSecret: KEY };

test.each<[Parameters<typeof rest>[0], object]>([
  [{ auth: { bearer: KEY } }, { authorization: 'Bearer placeholder' }],
  [{ auth: { clientCredentials: CLIENT } }, { authorization: 'Bearer placeholder' }],
  [{ auth: { apiKey: { query: 'key', value: KEY } } }, { url: '/thing?key=placeholder' }],
  [{ headers: { 'X-Key': KEY } }, { key: 'placeholder' }],
])('a test of a module sends placeholders, without secrets and token requests: %j', async (own, request) => {
  expect((await sent(shop(own))).request).toMatchObject(request);
});

test.each<[Parameters<typeof rest>[0], object]>([
  [{ auth: { bearer: KEY } }, { headers: { Authorization: 'x' } }],
  [{ headers: { 'x-key': KEY } }, { headers: { 'X-Key': 'x' } }],
  [{ auth: { apiKey: { query: 'key', value: KEY } } }, { query: { key: 'x' } }],
])('a call cannot replace a credential of its upstream: %j', async (own, call) => {
  expect(await sent(shop(own, call))).toEqual({ request: undefined, message: 'Internal server error' });
});
