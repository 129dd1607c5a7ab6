import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ExecutionResult, parse } from 'graphql';
import { batch, loaded, type SchemaModule } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import type { Policy } from '../../src/backend/define/schema-types.ts';
import { buildGateway, type Gateway } from '../../src/graph/build-gateway.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { anonymousRequest, EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { pathsAndCodes, plain } from '../support/modules/small-modules.ts';

const SDL = 'type Query { ok: Int one: Row rows: [Row] } type Row { id: ID name: String tags: [String] }';

const fail = (): never => {
  throw new Error('No access.');
};

const closed = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** Values of a row's name that throw on any access. */
const UNTOUCHABLE: Readonly<Record<string, () => unknown>> = {
  'a value whose `then` throws': () => Object.defineProperty({}, 'then', { get: fail }),
  'a revoked Proxy': closed,
  'a rejection without a message': () => Promise.reject(Object.create(null)),
};

for (const execution of EXECUTIONS) {
  for (const [what, name] of Object.entries(UNTOUCHABLE))
    test(`${execution}: ${what} fails its own field`, async () => {
      const rows = () => [
        { id: '1', name: 'a' },
        { id: '2', name: name() },
      ];
      const runQuery = executedBy(execution, [plain('m', SDL, { resolvers: { Query: { ok: () => 1, rows } } })]);
      const { data, errors } = await runQuery('{ ok rows { id name } }');
      expect(data).toEqual({
        ok: 1,
        rows: [
          { id: '1', name: 'a' },
          { id: '2', name: null },
        ],
      });
      expect(pathsAndCodes(errors)).toEqual(['rows.1.name INTERNAL_SERVER_ERROR']);
    });

  test(`${execution}: any thrown value fails its own field only`, async () => {
    const thrown = [Object.create(null), closed(), Object.defineProperty(new Error(), 'message', { get: fail })];
    for (const one of thrown) {
      const resolvers = {
        Query: {
          ok: () => 1,
          one: () => {
            throw one;
          },
        },
      };
      const { data, errors } = await executedBy(execution, [plain('m', SDL, { resolvers })])('{ ok one { id } }');
      expect(data).toEqual({ ok: 1, one: null });
      expect(pathsAndCodes(errors)).toEqual(['one INTERNAL_SERVER_ERROR']);
    }
  });

  test(`${execution}: a list item that throws fails the item, an iterator that throws fails the list`, async () => {
    const lists = [
      ['a', closed()],
      Object.defineProperty(['a', 'b'], 1, { get: fail }),
      Object.defineProperty({}, Symbol.iterator, { get: fail }),
    ];
    const rows = () => lists.map((tags, at) => ({ id: at, tags }));
    const runQuery = executedBy(execution, [plain('m', SDL, { resolvers: { Query: { ok: () => 1, rows } } })]);
    const { data, errors } = await runQuery('{ ok rows { tags } }');
    expect(data).toEqual({ ok: 1, rows: [{ tags: ['a', null] }, { tags: null }, { tags: null }] });
    expect(errors?.map(({ path }) => path?.join('.')).sort()).toEqual(['rows.0.tags.1', 'rows.1.tags', 'rows.2.tags']);
  });
}

for (const execution of EXECUTIONS)
  test(`${execution}: a resolver that changes its arguments does not affect other fields`, async () => {
    const seen: unknown[] = [];
    const sdl = `
      input Filter { tags: [String!]! = ["own"] }
      type Query {
        byDefault(filter: Filter = { tags: ["default"] }): String
        given(filter: Filter): String
        guarded(id: ID!): String @policy(policies: [["renaming"]])
        rows: [Row]
      }
      type Row { tagged(tags: [String!]): String }
    `;
    const tagged = (tags: string[]) => tags.push('more') && tags.join();
    const resolvers = {
      Query: {
        byDefault: (_root: unknown, { filter }: { filter: { tags: string[] } }) => tagged(filter.tags),
        given: (_root: unknown, { filter }: { filter: { tags: string[] } }) => tagged(filter.tags),
        guarded: () => null,
        rows: () => [{}, {}],
      },
      Row: { tagged: (_row: unknown, { tags }: { tags: string[] }) => tagged(tags) },
    } as unknown as SchemaModule['resolvers']; // these modules have no generated argument types
    const renaming: Policy = (_principal, args) => {
      seen.push(args.id);
      Object.assign(args, { id: 'another' });
      return true;
    };
    const runQuery = executedBy(execution, [{ ...plain('m', sdl, { resolvers }), policies: { renaming } }]);
    for (let times = 0; times < 2; times += 1) {
      const { data } = await runQuery('{ byDefault given(filter: {}) guarded(id: "1") rows { tagged(tags: ["a"]) } }');
      expect(data).toEqual({
        byDefault: 'default,more',
        given: 'own,more',
        guarded: null,
        rows: [{ tagged: 'a,more' }, { tagged: 'a,more' }],
      });
    }
    expect(seen).toEqual(['1', '1']);
  });

type Load = (ids: readonly string[]) => Promise<Map<string, unknown>>;

/** Loaders of a module: one, named `byId`, without a generated key type. */
const byIds =
  (load: Load, options: { readonly maxSize?: number } = {}): SchemaModule['loaders'] =>
  () => ({ byId: batch(load, options) as never });

const noUpstream = () => () => Promise.reject(new Error('These modules have no upstream.'));

const asking =
  ({ run }: Gateway, request = anonymousRequest) =>
  (text: string) => {
    const document = parse(text);
    const [operation] = document.definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('This is no operation.');
    return run({ document, operation, variables: {} }, request());
  };

/** Code of the error that ended an execution. */
const codeOf = ({ errors }: ExecutionResult): unknown => errors?.[0]?.extensions.code;

for (const execution of EXECUTIONS)
  for (const field of ['resolved', 'called', 'mapped'])
    test(`${execution}: rows that block the event loop end at the deadline, each ${field}`, async () => {
      const clock = manualClock();
      let calls = 0;
      const slow = (): string => {
        calls += 1;
        clock.advance(10);
        return 'late';
      };
      const rows = () => Array.from({ length: 2_000 }, (_, id) => ({ id: `${id}`, called: slow }));
      const slowly = plain(
        'm',
        'type Query { rows: [Row] } type Row { resolved: String called: String mapped: String }',
        {
          loaders: byIds(async (ids) => new Map(ids.map((id) => [id, id]))),
          resolvers: { Query: { rows }, Row: { resolved: slow, mapped: loaded('byId', 'id', slow) } },
        },
      );
      const gateway = buildGateway({ modules: [slowly], connect: noUpstream, execution, clock });
      const request = () => ({ ...anonymousRequest(), deadline: clock.now() + 1_000 });
      expect(codeOf(await asking(gateway, request)(`{ rows { ${field} } }`))).toBe('TIMEOUT');
      // With delegation, rows that waited for one call continue together, and only their lists count against the
      // budget.
      if (execution === 'compiled' || field !== 'mapped') expect(calls).toBeLessThan(1_000);
    });

test('rejected promises in a list that exceeds the budget do not end the process', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const late = () => Promise.reject(new Error('A rejection without a handler.'));
  const lists = plain('m', 'type Query { flat: [Int] nested: [[Int]] }', {
    resolvers: {
      Query: { flat: () => Array.from({ length: 200 }, late), nested: () => [new Array(200).fill(1), [late()]] },
    },
  });
  const runQuery = asking(buildGateway({ modules: [lists], connect: noUpstream, maxFields: 100 }));
  expect(codeOf(await runQuery('{ flat }'))).toBe('COST_LIMIT');
  expect(codeOf(await runQuery('{ nested }'))).toBe('COST_LIMIT');
  await nextTurn();
  expect(unhandled).toEqual([]);
});

for (const execution of EXECUTIONS) {
  const things = plain('things', 'type Query { things: [Thing] } type Thing { id: ID! }', {
    merge: { Thing: { key: 'id' } } as unknown as SchemaModule['merge'],
    resolvers: { Query: { things: () => [{ id: '1' }, { id: '2' }] } },
  });
  /** Adds a title to Thing by a join, and a second field by `loaded`. */
  const titled = (loader: SchemaModule['loaders']) =>
    plain('titled', 'type Thing { id: ID! title: String again: String }', {
      merge: { Thing: { key: 'id', load: 'byId' } } as unknown as SchemaModule['merge'],
      loaders: loader,
      resolvers: { Thing: { again: loaded('byId', 'id', (row) => row?.title) } },
    });

  test(`${execution}: a loader may return promises, and a rejected one fails only its own key`, async () => {
    const find = (id: string) =>
      id === '2' ? Promise.reject(new Error('Not today.')) : Promise.resolve({ id, title: 'a' });
    const load: Load = async (ids) => new Map(ids.map((id) => [id, find(id)]));
    const runQuery = executedBy(execution, [things, titled(byIds(load))]);
    const { data, errors } = await runQuery('{ things { title again } }');
    expect(data).toEqual({
      things: [
        { title: 'a', again: 'a' },
        { title: null, again: null },
      ],
    });
    expect(errors?.map(({ path }) => path?.join('.')).sort()).toEqual(['things.1.again', 'things.1.title']);
  });

  test(`${execution}: an entity that cannot be copied fails only its own fields`, async () => {
    const rowOf = (id: string) =>
      id === '2' ? Object.defineProperty({}, 'id', { get: fail, enumerable: true }) : { id, title: 'a' };
    const load: Load = async (ids) => new Map(ids.map((id) => [id, rowOf(id)]));
    const { data, errors } = await executedBy(execution, [things, titled(byIds(load))])('{ things { id title } }');
    expect(data).toEqual({
      things: [
        { id: '1', title: 'a' },
        { id: '2', title: null },
      ],
    });
    expect(pathsAndCodes(errors)).toEqual(['things.1.title INTERNAL_SERVER_ERROR']);
  });

  test(`${execution}: a loader with an invalid maxSize fails its fields instead of hanging`, async () => {
    for (const maxSize of [0, -1, Number.NaN]) {
      const loaders = byIds(async () => new Map(), { maxSize });
      const { errors } = await executedBy(execution, [things, titled(loaders)])('{ things { title } }');
      expect(pathsAndCodes(errors)).toEqual([
        'things.0.title INTERNAL_SERVER_ERROR',
        'things.1.title INTERNAL_SERVER_ERROR',
      ]);
    }
  });
}

test('a second run that hangs or is cancelled by its client counts as no difference and frees its slot', async () => {
  const clock = manualClock();
  const differences: unknown[] = [];
  let asked = 0;
  let second: () => unknown = () => new Promise(() => {});
  // Every other call belongs to a second run.
  const odd = () => (++asked % 2 === 1 ? 1 : second());
  const gateway = buildGateway({
    modules: [plain('m', 'type Query { odd: Int }', { resolvers: { Query: { odd } } })],
    connect: noUpstream,
    execution: 'compare',
    clock,
    report: { differed: (what) => differences.push(what) },
  });
  let leave = new AbortController();
  const request = () => ({ ...anonymousRequest(), deadline: clock.now() + 1_000, signal: leave.signal });
  const runQuery = asking(gateway, request);
  /** Skips queries until the next one that runs twice. */
  const pass = async (): Promise<void> => {
    for (let times = 0; times < 9; times += 1) await runQuery('{ __typename }');
  };
  for (let times = 0; times < 4; times += 1) {
    await runQuery('{ odd }');
    await expect.poll(() => asked).toBe(2 * times + 2);
    await pass();
  }
  clock.advance(2_000);
  await nextTurn();
  second = () => {
    leave.abort();
    throw new Error('The client has disconnected.');
  };
  await runQuery('{ odd }');
  await expect.poll(() => asked).toBe(10);
  await pass();
  leave = new AbortController();
  second = () => 2;
  await runQuery('{ odd }');
  await expect.poll(() => differences).toEqual(['data']);
});

test('variables of another operation of the document do not prevent a plan', async () => {
  const said = plain('m', 'type Query { say(words: String): String }', {
    resolvers: { Query: { say: (_root, args) => Reflect.get(Object(args), 'words') } },
  });
  const document = `
    query Say($words: String) { say(words: $words) }
    query Perhaps($words: Boolean!) { say @include(if: $words) }
  `;
  const { data } = await executedBy('compiled', [said])(document, { words: 'hello' }, 'Say');
  expect(data).toEqual({ say: 'hello' });
});

test('an execution that reaches its deadline while it formats errors ends there', async () => {
  const clock = manualClock();
  const slowError = (): Error =>
    Object.defineProperty(new Error(), 'message', {
      get: () => {
        clock.advance(10);
        return 'This took a while.';
      },
    });
  const rows = () => Array.from({ length: 2_000 }, slowError);
  const failing = plain('m', 'type Query { rows: [Int] }', { resolvers: { Query: { rows } } });
  const gateway = buildGateway({ modules: [failing], connect: noUpstream, clock });
  const request = () => ({ ...anonymousRequest(), deadline: clock.now() + 50_000 });
  expect(codeOf(await asking(gateway, request)('{ rows }'))).toBe('TIMEOUT');
});
