import { expect, onTestFinished, test, vi } from 'vitest';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const rows = define({
  name: 'rows',
  typeDefs: typeDefs(`
    type Query { text(length: Int!): String @cacheControl(maxAge: 60)  wide(length: Int!): String  rows(count: Int!): [Row!] }
    type Row { n: Int  fails: Int }
  `),
  resolvers: {
    Query: {
      text: (_row: unknown, { length }: { readonly length: number }) => 'x'.repeat(length),
      wide: (_row: unknown, { length }: { readonly length: number }) => '€'.repeat(length),
      rows: (_row: unknown, { count }: { readonly count: number }) => Array.from({ length: count }, (_, n) => ({ n })),
    },
    Row: {
      fails: () => {
        throw new Error('no');
      },
    },
  },
});

const ENVELOPE = '{"data":{"text":""}}'.length;

test.each(EXECUTIONS)(
  'a response of MAX_RESPONSE_BYTES is sent, and a longer one is an error: %s',
  async (execution) => {
    const { runQuery } = await servedGateway({ modules: [rows], execution, listener: { maxResponseBytes: 100 } });
    const room = 100 - ENVELOPE;
    const text = '{ text(length: 80) }';
    expect((await runQuery(text)).body).toEqual({ data: { text: 'x'.repeat(room) } });
    for (const longer of [`{ text(length: ${room + 1}) }`, `{ wide(length: 30) }`, '{ text(length: 5000000) }']) {
      const { status, body, headers } = await runQuery(longer);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(body).toEqual({
        data: null,
        errors: [
          {
            message: 'The response has more than 100 bytes: request fewer items, or fewer fields of each.',
            extensions: { code: 'COST_LIMIT', requestId: expect.any(String) },
          },
        ],
      });
    }
  },
);

const longAlias = 'a'.repeat(600);

test.each(EXECUTIONS)('the text of a response that is too long is not made: %s', async (execution) => {
  const store = memoryStore(systemClock);
  const { runQuery } = await servedGateway({ modules: [rows], execution, store, maxResponseBytes: 1_000 });
  const made = vi.spyOn(JSON, 'stringify');
  onTestFinished(() => made.mockRestore());
  for (const query of [
    '{ a: text(length: 600) b: text(length: 600) }',
    '{ rows(count: 200) { n } }',
    `{ rows(count: 3) { ${longAlias}: n } }`,
    // Each error has the alias in its path.
    `{ ${longAlias}: rows(count: 3) { fails } }`,
  ]) {
    const { body } = await runQuery(query);
    expect([body.data, body.errors]).toMatchObject([null, [{ extensions: { code: 'COST_LIMIT' } }]]);
    expect(body.errors[0].message).toMatch(/^The response has more than 1000 bytes: /);
  }
  expect(made.mock.results.filter(({ value }) => String(value).length > 1_000)).toEqual([]);
});

test.each(EXECUTIONS)('a response lists its first errors, and the number of the others: %s', async (execution) => {
  const ask = executedBy(execution, [rows], { maxErrors: 3 });
  const all = await ask('{ rows(count: 3) { n fails } }');
  expect(all.errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(3).fill('INTERNAL_SERVER_ERROR'));
  const { data, errors } = await ask('{ rows(count: 50) { n fails } }');
  expect(data?.rows).toHaveLength(50);
  expect(errors).toHaveLength(4);
  expect(errors?.slice(0, 3).map(({ path }) => path?.[1])).toEqual([0, 1, 2]);
  expect(errors?.[3]).toEqual({
    message: '47 further errors are not listed.',
    extensions: { code: 'ERROR_LIMIT', details: { omitted: 47 }, requestId: 'r' },
  });
});

test('by default a response lists 1,000 errors', async () => {
  const { errors } = await executedBy('compiled', [rows])('{ rows(count: 1001) { fails } }');
  expect(errors).toHaveLength(1_001);
  expect(errors?.at(-1)?.extensions?.code).toBe('ERROR_LIMIT');
});
