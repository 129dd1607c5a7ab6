import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CLIENTS, type Client, type Method, type Operation } from '../../../test/support/http/apollo-clients.ts';
import { type PublicRig, publicRig } from '../../../test/support/http/public-rig.ts';

const Refused = z.object({
  errors: z.tuple([z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })]),
  data: z.unknown().optional(),
});

let rig: PublicRig;
beforeAll(async () => {
  rig = await publicRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const textOf = (value: string | object): string => (typeof value === 'string' ? value : JSON.stringify(value));

const send = (client: Client, method: Method, operation: Operation, query: string | null): Promise<Response> => {
  const headers = client.headers(method);
  const params = client.params(method, operation, query);
  if (method === 'POST') return fetch(`${rig.origin}/graphql`, { method, headers, body: JSON.stringify(params) });
  const search = Object.entries(params).map(([name, value]) => `${name}=${client.encode(textOf(value))}`);
  return fetch(`${rig.origin}/graphql?${search.join('&')}`, { headers });
};

const operationOf = (name: string, query: string, variables: Readonly<Record<string, string>> = {}): Operation => ({
  name,
  variables,
  hash: createHash('sha256').update(query).digest('hex'),
});

describe.each(CLIENTS)('%s', (name, client) => {
  const notFound = async (answer: Response): Promise<void> => {
    const type = answer.headers.get('content-type') ?? '';
    expect(type).toMatch(/^application\/(graphql-response\+)?json/);
    const { errors, data } = Refused.parse(await answer.json());
    const [{ message, extensions }] = errors;
    expect({ message, code: extensions.code, data }).toEqual({
      message: 'PersistedQueryNotFound',
      code: 'PERSISTED_QUERY_NOT_FOUND',
      data: undefined,
    });
    expect(client.recovers({ status: answer.status, type, message })).toBe(true);
    // A cached "not found" would outlive the registration of the hash.
    expect(answer.headers.get('cache-control')).toMatch(/no-store|no-cache/);
  };

  test.each([
    ['without variables', '{ hello }', {}, { hello: 'world' }],
    [
      'with variables of special characters',
      '($text: String!) { echo(text: $text) }',
      { text: 'a+b; c&d=é/{"x"}#%20?' },
      { echo: 'a+b; c&d=é/{"x"}#%20?' },
    ],
  ])('%s: sends the hash, then the query once after PersistedQueryNotFound, then the hash only', async (...row) => {
    const [how, rest, variables, data] = row;
    const query = `query Greet${rest} # ${name} ${how}`;
    const operation = operationOf('Greet', query, variables);
    const unknown = await send(client, client.asks, operation, null);
    expect(unknown.status).toBe(200);
    await notFound(unknown);
    expect(await (await send(client, client.registers, operation, query)).json()).toEqual({ data });
    const known = await send(client, client.asks, operation, null);
    expect(known.status).toBe(200);
    expect(await known.json()).toEqual({ data });
  });

  test('mutations use POST, first with the hash alone', async () => {
    const query = `mutation Count { count } # ${name}`;
    const operation = operationOf('Count', query);
    const before = rig.gateway.mutations();
    await notFound(await send(client, 'POST', operation, null));
    expect(rig.gateway.mutations()).toBe(before);
    expect(await (await send(client, 'POST', operation, query)).json()).toEqual({ data: { count: before + 1 } });
    expect(await (await send(client, 'POST', operation, null)).json()).toEqual({ data: { count: before + 2 } });
  });
});

test('the operation name in a header satisfies the CSRF check, as older Apollo clients require', async () => {
  const url = `${rig.origin}/graphql?query={hello}`;
  expect((await fetch(url, { headers: { 'x-apollo-operation-name': 'Greet' } })).status).toBe(200);
  expect((await fetch(url)).status).toBe(400);
});
