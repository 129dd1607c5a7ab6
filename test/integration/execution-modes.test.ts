import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parse } from 'graphql';
import { batch, loaded, type Principal } from 'tributary/backend';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import type { Execution } from '../../src/graph/execution-mode.ts';
import { anonymousRequest, executedBy } from '../support/gateway/executed.ts';
import { SHOP, startShop } from '../support/gateway/gateway.ts';
import { define, plain, typeDefs } from '../support/modules/small-modules.ts';
import { ROOT } from '../support/processes/processes.ts';

const MODES = ['compiled', 'reference', 'compare'] as const;

const noUpstream = () => () => Promise.reject(new Error('These modules have no upstream.'));

/** Backend, and document with fields that an anonymous caller must not see: in a join, at the root, in a mutation. */
const FORBIDDEN = [
  ['accounts', '{ orders(first: 3) { customer { phone addresses { city } } } }'],
  ['accounts', '{ me { name } }'],
  [
    'inventory',
    'mutation { reserveStock(input: { productId: "p1", quantity: 1, clientMutationId: "m" }) { reservationId } }',
  ],
  ['orders', 'mutation { cancelOrder(input: { orderId: "o1" }) { order { id } } }'],
] as const;

for (const EXECUTION of MODES)
  test(`nothing is fetched for denied fields with EXECUTION=${EXECUTION}`, async () => {
    await using shop = await startShop({ env: { EXECUTION } });
    for (const [backend, document] of FORBIDDEN) {
      await shop.clearCalls();
      const { errors } = await shop.query(document);
      expect(new Set(errors.map(({ extensions }) => extensions.code)), document).toEqual(new Set(['UNAUTHENTICATED']));
      expect((await shop.calls())[backend], document).toEqual([]);
    }
  });

/** Documents that a newcomer runs first: the explorers' default and those in the docs. */
const documents = (): readonly string[] => {
  const pages = ['README.md', 'docs/caching.md', 'docs/auth.md', 'docs/execution.md'].map((page) =>
    readFileSync(join(ROOT, page), 'utf8'),
  );
  const inCurl = pages.flatMap((page) =>
    [...page.matchAll(/"query": ?"((?:[^"\\]|\\.)+)"/g)].map(([, query]) => query),
  );
  return [
    readFileSync(join(ROOT, 'schema/example.graphql'), 'utf8'),
    ...inCurl.map((query) => JSON.parse(`"${query}"`) as string),
  ];
};

test('every document of the demo and the docs is executed by a plan', async () => {
  const executed: Execution[] = [];
  const { run } = buildGateway({
    modules: SHOP,
    connect: noUpstream,
    report: { executed: (how) => executed.push(how) },
  });
  const all = documents();
  expect(all.length).toBeGreaterThan(3);
  for (const text of all) {
    const document = parse(text);
    const [operation] = document.definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('Not an operation.');
    await run({ document, operation, variables: {} }, anonymousRequest());
  }
  expect(executed).toEqual(all.map(() => ({ by: 'plan' })));
});

test('a resolver that reads `info` gets its path, field, type, operation and variables', async () => {
  const places = plain(
    'places',
    'type Query { shelves(of: String): [Shelf] } type Shelf { books: [Book] } type Book { at: String }',
    {
      resolvers: {
        Query: { shelves: () => [{ books: [{}] }, { books: [{}, {}] }] },
        Book: {
          at: (_book, _args, _context, { path, fieldName, parentType, returnType, operation, variableValues }) =>
            `${[path.prev?.prev?.prev?.prev?.key, path.prev?.prev?.prev?.key, path.prev?.prev?.key, path.prev?.key, path.key].join('.')} ${parentType}.${fieldName}: ${returnType} ${operation.name?.value} ${variableValues.of}`,
        },
      },
    },
  );
  const { data } = await executedBy('compiled', [places])(
    'query Where($of: String) { all: shelves(of: $of) { books { place: at } } }',
    { of: 'A' },
  );
  const said = (path: string) => ({ place: `${path}.place Book.at: String Where A` });
  expect(data).toEqual({
    all: [{ books: [said('all.0.books.0')] }, { books: [said('all.1.books.0'), said('all.1.books.1')] }],
  });
});

test('each of ten thousand rows has its own path in `info`', async () => {
  const LENGTH = 10_000;
  const places = plain('places', 'type Query { books: [Book] } type Book { at: Int }', {
    resolvers: {
      Query: { books: () => Array.from({ length: LENGTH }, () => ({})) },
      Book: { at: (_book, _args, _context, { path }) => Number(path.prev?.key) },
    },
  });
  const { data } = await executedBy('compiled', [places])('{ books { at } }');
  expect(data.books).toEqual(Array.from({ length: LENGTH }, (_, at) => ({ at })));
});

test('a thousand concurrent callers of one plan each get their own data', async () => {
  const CALLERS = 1_000;
  const later = async (): Promise<void> => {
    for (let turns = Math.floor(Math.random() * 5); turns > 0; turns -= 1) await setImmediate();
  };
  const subjectOf = (principal: Principal) => (principal.kind === 'user' ? principal.subject : 'nobody');
  const shelves = define({
    name: 'shelves',
    typeDefs: typeDefs(
      'type Query { shelf(of: ID!): Shelf } type Shelf { of: ID reader: String books: [Book!] } type Book { id: ID! }',
    ),
    loaders: () => ({
      booksOf: batch(async (shelves: readonly string[]) => {
        await later();
        return new Map(shelves.map((shelf) => [shelf, [1, 2].map((at) => ({ id: `${shelf}-${at}` }))]));
      }),
    }),
    resolvers: {
      Query: {
        shelf: async (_root, args) => {
          await later();
          return args;
        },
      },
      Shelf: {
        reader: (_shelf, _args, { principal }) => subjectOf(principal),
        books: loaded('booksOf', 'of'),
      },
    },
  });
  const notes = plain('notes', 'type Book { id: ID! note: String }', {
    merge: { Book: { key: 'id' } },
    resolvers: {
      Book: {
        note: async (book, _args, { principal }) => {
          await later();
          return `${Reflect.get(Object(book), 'id')} for ${subjectOf(principal)}`;
        },
      },
    },
  });
  const executed: Execution[] = [];
  const { run } = buildGateway({
    modules: [shelves, notes],
    connect: noUpstream,
    report: { executed: (how) => executed.push(how) },
  });
  const document = parse('query ($of: ID!) { shelf(of: $of) { of reader books { id note } } }');
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('Not an operation.');
  const answers = await Promise.all(
    Array.from({ length: CALLERS }, (_, at) =>
      run(
        { document, operation, variables: { of: `s${at}` } },
        {
          ...anonymousRequest(),
          principal: { kind: 'user', subject: `u${at}`, issuer: 'https://issuer.invalid', scopes: [], roles: [] },
        },
      ),
    ),
  );
  expect(answers).toEqual(
    answers.map((_, at) => {
      const books = [1, 2].map((book) => ({ id: `s${at}-${book}`, note: `s${at}-${book} for u${at}` }));
      return { data: { shelf: { of: `s${at}`, reader: `u${at}`, books } } };
    }),
  );
  expect(executed).toEqual(answers.map(() => ({ by: 'plan' })));
});

/** A module that answers with its own name. */
const greeting = (words: string) =>
  plain('greeting', 'type Query { greet: Greeting } type Greeting { words: String length: Int }', {
    resolvers: { Query: { greet: () => ({ words, length: words.length }) } },
  });

test('a document that two graphs receive concurrently is planned for each', async () => {
  const document = parse('{ greet { words length } }');
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('Not an operation.');
  const before = buildGateway({ modules: [greeting('hello')], connect: noUpstream });
  const asked = { document, operation, variables: {} };
  const running = Array.from({ length: 20 }, () => before.run(asked, anonymousRequest()));
  const after = buildGateway({ modules: [greeting('good day')], connect: noUpstream });
  const alike = Array.from({ length: 20 }, () => [
    before.run(asked, anonymousRequest()),
    after.run(asked, anonymousRequest()),
  ]);
  const hello = { data: { greet: { words: 'hello', length: 5 } } };
  const goodDay = { data: { greet: { words: 'good day', length: 8 } } };
  expect(await Promise.all(running)).toEqual(running.map(() => hello));
  expect(await Promise.all(alike.flat())).toEqual(alike.flatMap(() => [hello, goodDay]));
});

test('a difference between plan and delegation is counted, and the plan’s answer is returned', async () => {
  let asked = 0;
  const changing = plain('changing', 'type Query { number: Int! same: Int! }', {
    resolvers: { Query: { number: () => ++asked, same: () => 1 } },
  });
  const differences: unknown[] = [];
  const { run } = buildGateway({
    modules: [changing],
    connect: noUpstream,
    execution: 'compare',
    report: { differed: (what, { name }) => differences.push([what, name?.value]) },
  });
  const runQuery = async (text: string) => {
    const document = parse(text);
    const [operation] = document.definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('Not an operation.');
    return run({ document, operation, variables: {} }, anonymousRequest());
  };
  // Every tenth query runs a second time: the first one, then the eleventh.
  expect(await runQuery('query Changes { number }')).toEqual({ data: { number: 1 } });
  await expect.poll(() => differences).toEqual([['data', 'Changes']]);
  for (let times = 0; times < 9; times += 1) await runQuery('query Changes { number }');
  expect(asked).toBe(11);
  expect(await runQuery('query Same { same }')).toEqual({ data: { same: 1 } });
  expect(differences).toHaveLength(1);
});
