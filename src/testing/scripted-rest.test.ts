import { rest } from 'tributary/backend';
import { reply, type Scripted, type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { define, typeDefs } from '../../test/support/modules/small-modules.ts';
import type { RestClient } from '../backend/bind/rest-client.ts';

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
