import { batch, byKey, rest, type SchemaModule } from 'tributary/backend';
import { type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { define, idsOf, pathsAndCodes, plain, typeDefs } from '../support/modules/small-modules.ts';

interface PriceKey {
  readonly sku: string;
  readonly region: string;
}
const PriceRow = z.object({ sku: z.string(), region: z.string(), amount: z.int() });
const priceKey = ({ sku, region }: PriceKey) => `${region}/${sku}`;

const offers = plain('offers', 'type Query { offers: [Price!]! }  type Price { sku: ID! region: String! }', {
  merge: { Price: { key: ['sku', 'region'] } },
  resolvers: {
    Query: {
      offers: () => [
        { sku: 'a', region: 'eu' },
        { sku: 'a', region: 'us' },
        { sku: 'b', region: 'eu' },
        { sku: 'a', region: 'eu' },
      ],
    },
  },
});
const pricing = define({
  name: 'pricing',
  typeDefs: typeDefs('type Price { sku: ID! region: String! amount: Int }'),
  upstreams: { api: rest() },
  loaders: ({ api }) => ({
    priceByKey: batch(
      async (keys: readonly PriceKey[]) =>
        byKey(
          await api.get('/prices', { query: { ids: keys.map(priceKey).join(',') }, response: z.array(PriceRow) }),
          priceKey,
        ),
      { key: priceKey },
    ),
  }),
  merge: { Price: { key: ['sku', 'region'], load: 'priceByKey' } },
});

const AMOUNTS: Readonly<Record<string, number>> = { 'eu/a': 1, 'us/a': 2, 'eu/b': 3 };
const priceRows = (request: ScriptedRequest) =>
  idsOf(request).map((key) => {
    const [region = '', sku = ''] = key.split('/');
    return { sku, region, amount: AMOUNTS[key] };
  });
const PRICES: Readonly<Record<string, readonly [answer: (request: ScriptedRequest) => unknown, amounts: unknown[]]>> = {
  'in order': [priceRows, [1, 2, 3, 1]],
  reversed: [(request) => priceRows(request).reverse(), [1, 2, 3, 1]],
  'with one missing': [(request) => priceRows(request).slice(1), [null, 2, 3, null]],
  'with a row twice': [(request) => [...priceRows(request), ...priceRows(request)], [1, 2, 3, 1]],
  'as an empty list': [() => [], [null, null, null, null]],
};
for (const [how, [answer, amounts]] of Object.entries(PRICES))
  test(`rows of a composite key that come ${how} are matched by key, and each key is requested once`, async () => {
    const asked: string[] = [];
    const api = scripted().get('/prices', (request: ScriptedRequest) => {
      asked.push(...idsOf(request));
      return answer(request);
    });
    const gateway = testBackend(pricing, { api }, { beside: [offers] });
    const { data, errors } = await gateway.query('{ offers { region: sku amount } }');
    expect(errors).toBeUndefined();
    expect(data.offers.map(({ amount }: { amount: unknown }) => amount)).toEqual(amounts);
    expect(asked).toEqual(['eu/a', 'us/a', 'eu/b']);
    expect(gateway.calls).toEqual(['pricing.api GET /prices']);
  });

const parcels = plain('parcels', 'type Query { parcels: [Parcel!]! }  type Parcel { id: ID! }', {
  merge: { Parcel: { key: 'id' } },
  resolvers: { Query: { parcels: () => [{ id: 'x1' }, { id: 'x2' }, { id: 'x3' }] } },
});
const scalesOf = (weights: Readonly<Record<string, number | null>>): SchemaModule =>
  plain('scales', 'type Parcel { id: ID! weight: Int }', {
    merge: { Parcel: { key: 'id' } },
    resolvers: {
      Parcel: {
        weight: (parent) => {
          const id = String(Reflect.get(Object(parent), 'id'));
          if (weights[id] === undefined) throw new Error('not weighed');
          return weights[id];
        },
      },
    },
  });
const carrier = plain('carrier', 'type Parcel { id: ID! postage: String  days: Int }', {
  merge: { Parcel: { key: 'id', needs: { postage: ['weight'] } } },
  resolvers: {
    Parcel: {
      postage: (parent) => {
        const weight: unknown = Reflect.get(Object(parent), 'weight');
        return weight === null ? null : `${weight} stamps`;
      },
      days: () => 2,
    },
  },
});

test('a field is computed from data that a second module adds to an entity of a third one', async () => {
  const gateway = testBackend(parcels, {}, { beside: [scalesOf({ x1: 1, x2: null, x3: 3 }), carrier] });
  const { data, errors } = await gateway.query('{ parcels { postage days } }');
  expect(errors).toBeUndefined();
  expect(data.parcels).toEqual(['1 stamps', null, '3 stamps'].map((postage) => ({ postage, days: 2 })));
});

test('an entity is joined from key to key, across modules with different keys', async () => {
  const books = plain('books', 'type Query { books: [Book] }  type Book { isbn: ID! }', {
    merge: { Book: { key: 'isbn' } },
    resolvers: { Query: { books: () => ['i1', 'i2', 'i3'].map((isbn) => ({ isbn })) } },
  });
  const shelf: Readonly<Record<string, string>> = { i1: 's1', i3: 's3' };
  const skus = plain('skus', 'type Book { isbn: ID! sku: ID }', {
    merge: { Book: { key: 'isbn' } },
    resolvers: { Book: { sku: (parent) => shelf[String(Reflect.get(Object(parent), 'isbn'))] ?? null } },
  });
  const labels = plain('labels', 'type Book { sku: ID label: String }', {
    merge: { Book: { key: 'sku' } },
    resolvers: { Book: { label: (parent) => `label of ${Reflect.get(Object(parent), 'sku')}` } },
  });
  const { data, errors } = await testBackend(books, {}, { beside: [skus, labels] }).query('{ books { isbn label } }');
  expect(errors).toBeUndefined();
  expect(data.books).toEqual([
    { isbn: 'i1', label: 'label of s1' },
    { isbn: 'i2', label: null },
    { isbn: 'i3', label: 'label of s3' },
  ]);
});

test('a module with mutations only needs no Query type, and its results are joined', async () => {
  const desk = plain('desk', 'type Mutation { weigh(id: ID!): Parcel }  type Parcel { id: ID! }', {
    merge: { Parcel: { key: 'id' } },
    resolvers: { Mutation: { weigh: (_root, args) => ({ id: Reflect.get(Object(args), 'id') }) } },
  });
  const gateway = testBackend(desk, {}, { beside: [parcels, scalesOf({ x1: 1, x7: 7 }), carrier] });
  const { data, errors } = await gateway.query('mutation { weigh(id: "x7") { id weight postage } }');
  expect(errors).toBeUndefined();
  expect(data).toEqual({ weigh: { id: 'x7', weight: 7, postage: '7 stamps' } });
});

test('a failed input fails only the field that is computed from it', async () => {
  const gateway = testBackend(parcels, {}, { beside: [scalesOf({ x1: 1, x3: 3 }), carrier] });
  const { data, errors } = await gateway.query('{ parcels { id postage days } }');
  expect(data.parcels).toEqual([
    { id: 'x1', postage: '1 stamps', days: 2 },
    { id: 'x2', postage: null, days: 2 },
    { id: 'x3', postage: '3 stamps', days: 2 },
  ]);
  expect(pathsAndCodes(errors)).toEqual(['parcels.1.postage INTERNAL_SERVER_ERROR']);
});
