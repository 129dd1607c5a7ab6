import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';
import type { SchemaModule } from 'tributary/backend';
import { describe, expect, test } from 'vitest';
import { BACKEND_NAMES } from '../../services-mock/start.ts';
import { CannotPlan } from '../../src/execution/plan/cannot-plan.ts';
import { PlanCache } from '../../src/execution/plan/plan-cache.ts';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { type Blast, blastRadius } from '../../src/graph/explain/blast-radius.ts';
import { blastTable } from '../../src/graph/explain/blast-table.ts';
import { placesAt, placesLost } from '../support/gateway/answer-places.ts';
import { gatewayOver } from '../support/gateway/entities.ts';
import { SHOP, type Shop, startGateway, startShop } from '../support/gateway/gateway.ts';
import { answerWithout, MEDIA } from '../support/modules/media.ts';
import { ROOT } from '../support/processes/processes.ts';

const EXAMPLE = readFileSync(join(ROOT, 'schema/example.graphql'), 'utf8');

const PEOPLE = `{
  me { name phone }
  customers(first: 3) {
    nodes {
      id
      name
      orders(first: 2) { id customer { id since } items { quantity product { name deliveryDays inStock } } }
    }
    endCursor
  }
}`;

const GOODS = `{
  heavy: product(id: "p7") { name weight stock { available } deliveryDays }
  searchProducts(first: 3) { totalCount edges { cursor node { price inStock } } }
  lowStock(first: 3) { __typename id name deliveryDays stock { warehouse } }
}`;

const WITH_OTHERS = `{
  orders(first: 5) { id items { product { id inStock } } }
  customers(first: 2) { nodes { id orders(first: 1) { id } } }
  searchProducts(first: 2) { nodes { id price } }
}`;

const DOCUMENTS = { EXAMPLE, PEOPLE, GOODS, WITH_OTHERS };

/** Copies a module with changes to its SDL. */
const reworded = (name: string, changes: Readonly<Record<string, string>>): SchemaModule => {
  const module = SHOP.find((one) => one.name === name);
  if (module === undefined) throw new Error(`There is no ${name}.`);
  let { text } = module.typeDefs;
  for (const [before, after] of Object.entries(changes)) {
    expect(text).toContain(before);
    text = text.replace(before, after);
  }
  return { ...module, typeDefs: { ...module.typeDefs, text } };
};

/** The shop with more non-null fields, so that null propagates further. */
const STRICT = [
  reworded('accounts', { 'name: String': 'name: String!' }),
  reworded('catalog', { 'price: Int': 'price: Int!' }),
  reworded('inventory', { 'inStock: Boolean': 'inStock: Boolean!' }),
  reworded('orders', { 'product: Product': 'product: Product!', '= 10): [Order!]': '= 10): [Order!]!' }),
];

const predictor = (modules: readonly SchemaModule[]) => {
  const plans = new PlanCache(composeGraph(modules).graph);
  return (document: string): readonly Blast[] => {
    const parsed = parse(document);
    const [operation] = parsed.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document must begin with its operation.');
    const plan = plans.planOf(parsed, operation, {});
    if (plan instanceof CannotPlan) throw plan;
    return blastRadius(plan);
  };
};

const runQuery = (shop: Shop, document: string) => shop.query(document, {}, { authorization: 'Bearer c1' });

describe.each([
  { name: 'the shop', modules: SHOP },
  { name: 'the shop with more that may not be null', modules: STRICT },
])('$name', ({ modules }) => {
  const predict = predictor(modules);

  test.each(BACKEND_NAMES)('without %s exactly what was predicted is null', async (down) => {
    await using shop = await startShop({ start: (env) => startGateway(env, modules) });
    const whole = await Promise.all(Object.values(DOCUMENTS).map((document) => runQuery(shop, document)));
    await shop.end(down);
    for (const [index, [name, document]] of Object.entries(DOCUMENTS).entries()) {
      const data = whole[index]?.data;
      const blast = predict(document).find(({ backend }) => backend === down);
      const answer = await runQuery(shop, document);
      for (const { path } of blast?.lost ?? []) expect(placesAt(path, data), `${name}: ${path}`).not.toEqual([]);
      expect(placesLost(data, answer.data).toSorted(), name).toEqual(
        (blast?.lost ?? []).flatMap(({ path }) => placesAt(path, data)).toSorted(),
      );
      const roots = Object.values(Object(answer.data));
      expect(
        roots.every((root) => root === null),
        name,
      ).toBe(blast?.takes === 'whole page');
    }
  });
});

test('null propagates from non-null fields to the nearest nullable field, and the prediction names the origin', () => {
  const radius = predictor(STRICT)(WITH_OTHERS);
  const items = 'orders[].items[].product';
  expect(radius).toEqual([
    { backend: 'accounts', takes: 'part', lost: [{ path: 'customers', from: ['customers'] }] },
    { backend: 'catalog', takes: 'part', lost: [{ path: 'searchProducts', from: ['searchProducts'] }] },
    { backend: 'inventory', takes: 'part', lost: [{ path: 'orders', from: [`${items}.inStock`] }] },
    {
      backend: 'orders',
      takes: 'part',
      lost: [
        { path: 'orders', from: ['orders'] },
        { path: 'customers', from: ['customers.nodes[].orders'] },
      ],
    },
  ]);
});

const WORKS = `{
  works { __typename id title ... on Book { writer { name } isbn price stars } ... on Film { price } }
  shelf { __typename title ... on Book { isBargain stars } ... on Film { price } }
}`;
const BEST = '{ best { __typename title ... on Book { price } ... on Film { price } } works { title } }';
const BOOKS_ONLY = '{ shelf { __typename ... on Book { price stars } } best { title } }';
const PRICES = '{ shelf { __typename ... on Book { price } ... on Film { price } } }';

const predictMedia = predictor(MEDIA);

test.each(MEDIA.map(({ name }) => name))(
  'without %s exactly what was predicted is null: abstract types, staged keys, fields computed from others',
  async (down) => {
    const [askAll, askOthers] = [null, down].map((without) => gatewayOver(MEDIA, null, answerWithout(without)));
    for (const document of [WORKS, BEST, BOOKS_ONLY, PRICES]) {
      const { data: whole, errors } = (await askAll?.(document)) ?? {};
      expect(errors).toBeUndefined();
      const lost = predictMedia(document).find(({ backend }) => backend === down)?.lost ?? [];
      for (const { path } of lost) expect(placesAt(path, whole), `${document}: ${path}`).not.toEqual([]);
      expect(placesLost(whole, (await askOthers?.(document))?.data).toSorted(), document).toEqual(
        lost.flatMap(({ path }) => placesAt(path, whole)).toSorted(),
      );
    }
  },
);

const without = (backend: string, document: string): Omit<Blast, 'backend'> | undefined =>
  predictMedia(document).find((blast) => blast.backend === backend);

test('a failure that propagates to the root leaves no data', () => {
  expect(without('prices', BEST)).toEqual({
    backend: 'prices',
    takes: 'whole page',
    lost: [{ path: 'data', from: ['best.price'] }],
  });
});

test('a loss in rows of some types names these types', () => {
  expect(without('prices', BOOKS_ONLY)?.lost).toEqual([{ path: 'shelf[](Book)', from: ['shelf[](Book).price'] }]);
  expect(without('prices', PRICES)?.lost).toEqual([{ path: 'shelf[]', from: ['shelf[].price'] }]);
  expect(without('ratings', BOOKS_ONLY)?.lost).toEqual([
    { path: 'shelf[](Book).stars', from: ['shelf[](Book).stars'] },
  ]);
});

test('an outage of a backend that is joined without a call loses nothing', () => {
  expect(predictMedia('{ works { ... on Book { isBargain } } }')).toMatchObject([
    { backend: 'library', takes: 'whole page' },
    { backend: 'numbers', takes: 'part' },
    { backend: 'prices', takes: 'part' },
    { backend: 'ratings', takes: 'nothing', lost: [] },
  ]);
});

test('the table groups lost fields by object, and names the origin of propagated nulls', () => {
  expect(blastTable(predictor(STRICT)(PEOPLE))).toBe(
    `
down       takes       null
accounts   whole page  me
                       customers
catalog    part        customers.nodes[].orders[].items[].product.{name, deliveryDays}
inventory  part        customers (from customers.nodes[].orders[].items[].product.inStock)
orders     part        customers (from customers.nodes[].orders)
`.trim(),
  );
  expect(blastTable(predictMedia(WORKS).filter(({ backend }) => backend === 'prices'))).toBe(
    `
down    takes  null
prices  part   works (from works[].price)
               shelf[](Book).isBargain
               shelf[](Film) (from shelf[](Film).price)
`.trim(),
  );
});
