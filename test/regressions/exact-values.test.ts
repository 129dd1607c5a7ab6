import { rest } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

/** Returns its arguments, and reads any response of its backend at `/things/{name}`. */
const things = define({
  name: 'things',
  typeDefs: typeDefs(`
    type Query {
      echo(id: ID, float: Float, any: JSON, input: EchoInput): String
      thing(name: String!): Thing
      checked(name: String!): Thing
    }
    input EchoInput { id: ID float: Float inner: EchoInput }
    type Thing { id: ID name: String big: BigInt text: String count: Int }
  `),
  upstreams: { api: rest() },
  resolvers: {
    Query: {
      echo: (_root: unknown, args: unknown) => JSON.stringify(args),
      thing: (_root: unknown, { name }: { name: string }, { clients }) =>
        clients.api.get('/things/{name}', { path: { name }, response: z.unknown() }),
      checked: (_root: unknown, { name }: { name: string }, { clients }) =>
        clients.api.get('/things/{name}', { path: { name }, response: z.looseObject({ id: z.number() }) }),
    },
  },
});

const latin = (text: string) => Buffer.from(text, 'latin1');
const BODIES: Readonly<Record<string, readonly [type: string, body: Buffer | string]>> = {
  latin1: ['application/json; charset=ISO-8859-1', latin('{"id":1,"name":"caf\xe9"}')],
  invalid: ['application/json', latin('{"id":"caf\xe9","name":"x"}')],
  unknown: ['application/json; charset=utf-9', '{"id":1}'],
  bom: ['application/json', '\ufeff{"id":1,"name":"x"}'],
  big: ['application/json', '{"id":9007199254740993,"big":9223372036854775807,"text":18446744073709551615}'],
  small: ['application/json', '{"id":9007199254740991,"big":12,"count":7}'],
};

const started = async () => {
  const asked: string[] = [];
  const api = await rawBackend(({ url = '' }, response) => {
    const name = url.split('/').at(-1) ?? '';
    asked.push(name);
    const [type, body] = BODIES[name] ?? ['application/json', '{}'];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  const gateway = await startGateway({ THINGS_API_ENDPOINTS: api.url }, [things]);
  return {
    url: gateway.url,
    query: gateway.query,
    asked,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
};

const post = async (url: URL, body: string) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return { status: response.status, ...z.looseObject({}).parse(await response.json()) };
};

test.each(['9007199254740993', '-9007199254740993', '1152921504606846976', '1e-400', '1e400', '9007199254740993.0'])(
  'the number %s of a client is 400 at any depth, and reaches no resolver rounded',
  async (number) => {
    await using gateway = await started();
    const bodies = [
      `{"query":"query($id: ID) { echo(id: $id) }","variables":{"id":${number}}}`,
      `{"query":"query($f: Float) { echo(float: $f) }","variables":{"f":${number}}}`,
      `{"query":"query($any: JSON) { echo(any: $any) }","variables":{"any":{"a":[${number}]}}}`,
      `{"query":"query($in: EchoInput) { echo(input: $in) }","variables":{"in":{"inner":{"id":${number}}}}}`,
      `{"query":"{ echo }","extensions":{"trace":${number}}}`,
    ];
    for (const body of bodies) {
      const { status, ...answer } = await post(gateway.url, body);
      expect(status).toBe(400);
      expect(answer).toMatchObject({
        errors: [{ message: expect.stringContaining(number), extensions: { code: 'BAD_REQUEST' } }],
      });
    }
    const url = new URL(gateway.url);
    url.searchParams.set('query', 'query($id: ID) { echo(id: $id) }');
    url.searchParams.set('variables', `{"id":${number}}`);
    const response = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(number);
  },
);

test('numbers that a double represents exactly, and digits in strings, arrive unchanged', async () => {
  await using gateway = await started();
  const query = 'query($id: ID, $f: Float, $s: ID) { a: echo(id: $id) b: echo(float: $f) c: echo(id: $s) }';
  const variables = '{"id":9007199254740991,"f":0.30000000000000004,"s":"9007199254740993"}';
  expect(await post(gateway.url, `{"query":${JSON.stringify(query)},"variables":${variables}}`)).toEqual({
    status: 200,
    data: { a: '{"id":"9007199254740991"}', b: '{"float":0.30000000000000004}', c: '{"id":"9007199254740993"}' },
  });
});

test('a response is decoded by its declared charset, without its byte order mark', async () => {
  await using gateway = await started();
  const { data, errors } = await gateway.query(
    '{ a: thing(name: "latin1") { id name } b: thing(name: "bom") { id name } }',
  );
  expect({ data, errors }).toEqual({ data: { a: { id: '1', name: 'café' }, b: { id: '1', name: 'x' } }, errors: [] });
});

test.each(['invalid', 'unknown'])('an answer in an %s charset is UPSTREAM_BAD_RESPONSE', async (name) => {
  await using gateway = await started();
  const { data, errors } = await gateway.query(`{ thing(name: "${name}") { id name } }`);
  expect(data).toEqual({ thing: null });
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_BAD_RESPONSE']);
});

test('integers beyond 2^53 in a response keep their digits in ID, BigInt and String fields', async () => {
  await using gateway = await started();
  const { data, errors } = await gateway.query(
    '{ big: thing(name: "big") { id big text } small: thing(name: "small") { id big count } }',
  );
  expect({ data, errors }).toEqual({
    data: {
      big: { id: '9007199254740993', big: '9223372036854775807', text: '18446744073709551615' },
      small: { id: '9007199254740991', big: 12, count: 7 },
    },
    errors: [],
  });
});

test('a numeric response schema rejects an integer beyond 2^53 instead of rounding it', async () => {
  await using gateway = await started();
  const { data, errors } = await gateway.query(
    '{ big: checked(name: "big") { id } small: checked(name: "small") { id } }',
  );
  expect(data).toEqual({ big: null, small: { id: '9007199254740991' } });
  expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['big'], 'UPSTREAM_BAD_RESPONSE']]);
});
