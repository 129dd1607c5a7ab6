import { expect, test } from 'vitest';
import { serveShop } from '../support/gateway/shop.ts';

test('an unexpected error is logged once, with its stack and path, and the client gets a generic message', async () => {
  const logged: { message: string; fields: Readonly<Record<string, unknown>> | undefined }[] = [];
  const boom = new TypeError('the secret of 10.0.0.5');
  const shop = await serveShop({
    log: {
      warn: (message, fields) => void logged.push({ message, fields }),
      error: (message, fields) => void logged.push({ message, fields }),
    },
    answer: () => {
      throw boom;
    },
  });
  const { body, headers, text } = await shop.runQuery('query Twice { a: node { name } b: node { name } }', {
    headers: { 'x-request-id': 'seen-1' },
  });
  expect(headers.get('x-request-id')).toBe('seen-1');
  expect(body.errors).toMatchObject([
    { path: ['a'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'seen-1' } },
    { path: ['b'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'seen-1' } },
  ]);
  expect(text).not.toContain('secret');
  expect(logged).toEqual([
    {
      message: 'A field failed.',
      fields: { requestId: 'seen-1', traceId: null, operation: 'Twice', path: 'a', error: boom },
    },
  ]);
});

test('names and aliases that a client chooses are cut in the log', async () => {
  const logged: (Readonly<Record<string, unknown>> | undefined)[] = [];
  const shop = await serveShop({
    log: { warn: () => {}, error: (_, fields) => void logged.push(fields) },
    answer: () => {
      throw new TypeError('broken');
    },
  });
  const long = 'n'.repeat(100_000);
  await shop.runQuery(`query ${long} { ${long}: node { name } }`);
  const cut = `${'n'.repeat(512)}…`;
  expect(logged).toMatchObject([{ operation: cut, path: cut }]);
});

test('an error caused by the client is not logged', async () => {
  const logged: string[] = [];
  const note = (message: string) => void logged.push(message);
  const shop = await serveShop({ log: { warn: note, error: note } });
  for (const query of [
    '{ nope }',
    '{',
    'query A { __typename } query B { __typename }',
    'query ($x: Int!) { node { pair(x: $x) { name } } }',
  ])
    expect([query, await shop.runQuery(query).then(({ status, text }) => [status, text])]).toEqual([
      query,
      [400, expect.any(String)],
    ]);
  expect(logged).toEqual([]);
});

test.each(['query A { __typename } query B { __typename }', 'query A { __typename }'])(
  'an unknown or ambiguous operation is a client error: %s',
  async (query) => {
    const shop = await serveShop();
    const response = await fetch(`${shop.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, operationName: query.includes('B') ? undefined : 'C' }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }] },
    ]);
  },
);
