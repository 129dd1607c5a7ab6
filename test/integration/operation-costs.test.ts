import { GraphQLScalarType } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import { buildGateway, type GatewayOptions } from '../../src/graph/build-gateway.ts';
import type { CostlyOperation } from '../../src/graph/limits/cost/operation-costs.ts';
import { anonymousRequest, EXECUTIONS, executedBy, paramsOf } from '../support/gateway/executed.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const shelf = () => {
  const calls: string[] = [];
  const module = define({
    name: 'shelf',
    typeDefs: typeDefs(`
      type Query {
        books(first: Int!): [Book!]! @listSize(slicingArguments: ["first"])
        open(first: Int): [Book] @listSize(slicingArguments: ["first"])
        best: Book @cacheControl(maxAge: 60)
      }
      type Book @cost(weight: "2") { title: String @cacheControl(maxAge: 60) }
    `),
    resolvers: {
      Query: {
        books: (_row: unknown, { first }: { readonly first: number }) => {
          calls.push('books');
          return Array.from({ length: Math.min(first, 3) }, () => ({ title: 'A' }));
        },
        open: () => [],
        best: () => ({ title: 'B' }),
      },
    },
  });
  return { module, calls };
};

const BOOKS = 'query Books($first: Int!) { books(first: $first) { title } }';
const ASKING = { 'tributary-cost': 'show' };

const rig = async (
  options: Partial<GatewayOptions>,
  max: number | null = null,
  mode: 'enforce' | 'measure' = 'enforce',
) => {
  const { module, calls } = shelf();
  const reports: CostlyOperation[] = [];
  const costLimit = { max, mode, report: (costly: CostlyOperation) => void reports.push(costly) };
  const connect = () => () => Promise.reject(new Error('There is no upstream.'));
  const gateway = buildGateway({ modules: [module], connect, costLimit, ...options });
  await gateway.start();
  onTestFinished(() => gateway.stop());
  const execute = (query: string, variables = {}, headers = {}) => {
    const request = { ...anonymousRequest(), headers };
    return gateway.execute(paramsOf(query, { variables }), request).then((result) => ({ ...result, request }));
  };
  return { execute, calls, reports };
};

// A known operation passes another way than an unknown one.
const ways = EXECUTIONS.flatMap((execution) => [true, false].map((isKnown) => ({ execution, isKnown })));

test.each(ways)(
  'an operation above MAX_COST is refused, and nothing is executed: $execution, known: $isKnown',
  async ({ execution, isKnown }) => {
    const { execute, calls, reports } = await rig({ execution, knownOperations: isKnown }, 10);
    for (const first of [4, 5, 4]) await execute(BOOKS, { first });
    expect(calls).toEqual(['books', 'books']);
    const { errors, data, status } = await execute(BOOKS, { first: 5 });
    expect([data, status]).toEqual([undefined, 400]);
    expect(errors).toMatchObject([
      {
        message: 'The cost of the operation is 12. The limit is 10: request fewer items, or fewer fields.',
        extensions: { code: 'COST_LIMIT', details: { cost: 12, limit: 10 }, requestId: 'r' },
      },
    ]);
    expect(reports).toMatchObject([
      { operationName: 'Books', cost: 12, isRefused: true },
      { operationName: 'Books', cost: 12, isRefused: true },
    ]);
  },
);

test.each(ways)(
  'measure executes such an operation and reports it: $execution, known: $isKnown',
  async ({ execution, isKnown }) => {
    const { execute, reports } = await rig({ execution, knownOperations: isKnown }, 10, 'measure');
    for (const first of [4, 5, 6]) expect((await execute(BOOKS, { first })).errors).toBeUndefined();
    expect(reports.map(({ cost, isRefused }) => [cost, isRefused])).toEqual([
      [12, false],
      [14, false],
    ]);
  },
);

test.each(EXECUTIONS)('a limit of costs coerces no variable once more: %s', async (execution) => {
  let parsed = 0;
  const code = new GraphQLScalarType({
    name: 'Code',
    parseValue: (value) => {
      parsed += 1;
      return value;
    },
  });
  const module = define({
    name: 'codes',
    typeDefs: typeDefs('scalar Code  type Query { find(code: Code): Int }'),
    resolvers: { Code: code, Query: { find: () => 1 } },
  });
  const parsedWith = async (max: number | null): Promise<number> => {
    const costLimit = { max, mode: 'enforce' as const, report: () => {} };
    const ask = executedBy(execution, [module], { costLimit });
    parsed = 0;
    expect(await ask('query ($code: Code) { find(code: $code) }', { code: 'a' })).toEqual({ data: { find: 1 } });
    return parsed;
  };
  expect(await parsedWith(10)).toBe(await parsedWith(null));
});

test('a list without the argument that it requires is refused with the name of the argument', async () => {
  const { errors } = await (await rig({ introspection: true }, 1_000)).execute('{ open { title } }');
  expect(errors?.[0]?.message).toBe(
    'The cost of the operation is unbounded: Query.open requires one of first. The limit is 1000: request fewer items, or fewer fields.',
  );
});

test('without introspection the message names neither the type nor the argument', async () => {
  const { errors } = await (await rig({}, 1_000)).execute('{ open { title } }');
  expect(errors?.[0]?.message).toBe(
    'The cost of the operation is unbounded: a list has no argument for its size. The limit is 1000: request fewer items, or fewer fields.',
  );
});

test.each(ways)(
  'the header tributary-cost adds both costs to the response: $execution, known: $isKnown',
  async ({ execution, isKnown }) => {
    const { execute } = await rig({ execution, knownOperations: isKnown });
    for (let time = 0; time < 2; time += 1) {
      const { data, extensions, request } = await execute(BOOKS, { first: 50 }, ASKING);
      expect(data?.books).toHaveLength(3);
      expect(extensions).toEqual({ cost: { static: 1 + 1 + 50 * 2, actual: 1 + 1 + 3 * 2 } });
      expect(request.trace.record.cost).toEqual(extensions?.cost);
      const plain = await execute(BOOKS, { first: 50 });
      expect([plain.extensions, plain.request.trace.record.cost]).toEqual([undefined, null]);
    }
  },
);

test('a response with its cost is not cached, and one from the store has its cost, too', async () => {
  const gateway = await servedGateway({ modules: [shelf().module], store: memoryStore(systemClock) });
  const text = '{ best { title } }';
  const plain = await gateway.runQuery(text);
  const answers = [plain, await gateway.runQuery(text, { headers: ASKING }), await gateway.runQuery(text)];
  expect(answers.map(({ body }) => body.extensions?.cost)).toEqual([undefined, { static: 4, actual: 4 }, undefined]);
  expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual([
    'max-age=60, public',
    'no-store',
    'max-age=60, public',
  ]);
});

test('a refused operation over HTTP has status 400 and its cost', async () => {
  const costLimit = { max: 3, mode: 'enforce' as const, report: () => {} };
  const gateway = await servedGateway({ modules: [shelf().module], costLimit });
  const { status, body } = await gateway.runQuery('{ best { title } }', { headers: ASKING });
  expect([status, body.errors[0].extensions.code, body.extensions]).toEqual([
    400,
    'COST_LIMIT',
    { cost: { static: 4, actual: 0 } },
  ]);
});

test('the public schema has no cost directives', () => {
  const connect = () => () => Promise.reject(new Error('There is no upstream.'));
  const { schema } = buildGateway({ modules: [shelf().module], connect });
  expect([schema.getDirective('cost'), schema.getDirective('listSize')]).toEqual([undefined, undefined]);
});
