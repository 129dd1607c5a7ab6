import type { GraphQLError } from 'graphql';
import { batch } from 'tributary/backend';
import { expect, test } from 'vitest';
import { firstOf } from '../../src/execution/run/repeated-error.ts';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { anonymousRequest, EXECUTIONS, executedBy, paramsOf } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

interface EncounteredErrors {
  readonly errors: readonly GraphQLError[];
}

const ROWS = 300;
const rowsOf = <Row>(make: (at: number) => Row): Row[] => Array.from({ length: ROWS }, (_, at) => make(at));

for (const execution of EXECUTIONS) {
  test(`${execution}: a list from a variable is coerced once a request, not once a row`, async () => {
    const seen = new Set<unknown>();
    const resolvers = {
      Query: { rows: () => rowsOf((at) => ({ id: at })) },
      Row: {
        n: (_row: unknown, args: unknown) => {
          seen.add(Reflect.get(Object(args), 'ids'));
          return 1;
        },
      },
    };
    const sdl = 'input F { a: Int = 1 } type Query { rows: [Row] } type Row { id: ID n(ids: [F]): Int }';
    const runQuery = executedBy(execution, [plain('m', sdl, { resolvers })]);
    const sent = { f: Array.from({ length: 10 }, () => ({})) };
    const { errors } = await runQuery('query ($f: [F]) { rows { n(ids: $f) } }', sent);
    expect(errors).toBeUndefined();
    if (execution === 'compiled') expect(seen.size).toBe(1);
    await runQuery('query ($f: [F]) { rows { n(ids: $f) } }', sent);
    expect(seen.size).toBeGreaterThan(1);
  });

  test(`${execution}: a key __proto__ of a JSON argument is a plain key, not the prototype`, async () => {
    const resolvers = {
      Query: {
        echo: (_root: unknown, args: unknown) => {
          const of = Object(Reflect.get(Object(args), 'of'));
          return `${of.isAdmin} ${Object.keys(of).sort()}`;
        },
      },
    };
    const runQuery = executedBy(execution, [
      plain('m', 'scalar JSON type Query { echo(of: JSON): String }', { resolvers }),
    ]);
    const of = JSON.parse('{ "a": { "b": 1 }, "__proto__": { "isAdmin": true } }');
    expect((await runQuery('query ($of: JSON) { echo(of: $of) }', { of })).data).toEqual({
      echo: 'undefined __proto__,a',
    });
  });

  test(`${execution}: a resolver may change its arguments object, an empty one too`, async () => {
    const resolvers = {
      Query: { ok: (_root: unknown, args: unknown) => Object.assign(Object(args), { more: 1 }).more },
    };
    const runQuery = executedBy(execution, [plain('m', 'type Query { ok: Int }', { resolvers })]);
    expect(await runQuery('{ ok }')).toEqual({ data: { ok: 1 }, errors: undefined });
  });

  test(`${execution}: a function with a then method is awaited`, async () => {
    const late = Object.assign(() => {}, { then: (resolve: (value: string) => void) => resolve('late') });
    const runQuery = executedBy(execution, [
      plain('m', 'type Query { name: String }', { resolvers: { Query: { name: () => late } } }),
    ]);
    expect((await runQuery('{ name }')).data).toEqual({ name: 'late' });
  });
}

test('an error has at most five locations, however often its field is selected', async () => {
  const resolvers = {
    Query: {
      name: () => {
        throw new Error('broken');
      },
    },
  };
  const runQuery = executedBy('compiled', [plain('m', 'type Query { name: String }', { resolvers })]);
  const { errors } = await runQuery(`{ ${'name '.repeat(20)} }`);
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.locations).toHaveLength(5);
});

test('a getter of a row runs once, and its rejected promise is handled', async () => {
  let asked = 0;
  class Row {
    id = '1';
    get price() {
      asked += 1;
      return Promise.reject(new Error('The backend is down.'));
    }
  }
  const resolvers = { Query: { rows: () => rowsOf(() => new Row()) } };
  const runQuery = executedBy('compiled', [
    plain('m', 'type Query { rows: [Row] } type Row { id: ID price: Int }', { resolvers }),
  ]);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const { data, errors } = await runQuery('{ rows { id price } }');
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(data.rows[ROWS - 1]).toEqual({ id: '1', price: null });
  expect(errors).toHaveLength(ROWS);
  expect(asked).toBe(ROWS);
  expect(unhandled).toEqual([]);
});

test('one failure of a backend creates one original error per field, repeated for every row', async () => {
  const down = new Error('The backend is down.');
  const shelf = plain('shelf', 'type Query { all: [Product] } type Product { id: ID! }', {
    resolvers: { Query: { all: () => rowsOf((at) => ({ id: String(at) })) } },
    merge: { Product: { key: 'id' } },
  });
  const prices = plain('prices', 'type Product { id: ID! price: Float label: String }', {
    merge: { Product: { key: 'id', load: 'byId' } },
    loaders: () => ({ byId: batch(() => Promise.reject(down)) as never }),
  });
  const encountered: GraphQLError[] = [];
  const plugin = {
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors }: EncounteredErrors) => void encountered.push(...errors),
    }),
  };
  const connect = () => () => Promise.reject(new Error('These modules have no upstream.'));
  const gateway = buildGateway({ modules: [shelf, prices], connect, plugins: [plugin] });
  await gateway.start();
  await gateway.execute(paramsOf('{ all { price label } }'), anonymousRequest());
  expect(encountered).toHaveLength(2 * ROWS);
  expect(encountered.filter((error) => firstOf(error) === error)).toHaveLength(2);
});
