import { Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { CannotPlan } from '../../src/execution/plan/cannot-plan.ts';
import { PlanCache } from '../../src/execution/plan/plan-cache.ts';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { blastRadius } from '../../src/graph/explain/blast-radius.ts';
import { explainer } from '../../src/graph/explain/explain.ts';
import { EXECUTIONS } from '../support/gateway/executed.ts';
import { serviceGateway } from '../support/gateway/service-gateway.ts';
import { productModule, reviewModule } from '../support/modules/review-module.ts';

interface Case {
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  readonly errors?: unknown;
  /** Documents that the service receives from a plan. */
  readonly sent: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  'other names of types and fields': {
    document: '{ review(id: "c1") { id stars author { name } summary } }',
    data: { review: { id: 'c1', stars: 5, author: { name: 'Name u1' }, summary: '5 of 5' } },
    sent: ['query review($v0: ID!) { review(id: $v0) { id stars: rating author { name } } }'],
  },
  'fields of another module': {
    document: '{ review(id: "c1") { product { id title average } } }',
    data: { review: { product: { id: 'p1', title: 'Product p1', average: 4 } } },
    sent: ['query review($v0: ID!) { review(id: $v0) { product: item { id average } } }'],
  },
  'a row that does not exist': {
    document: '{ review(id: "none") { id } }',
    data: { review: null },
    sent: ['query review($v0: ID!) { review(id: $v0) { id } }'],
  },
  'aliases, and one field with different arguments': {
    document: '{ a: topReviews(first: 1, order: NEWEST) { id x: text(length: 4) y: text(length: 3) z: text } }',
    data: { a: [{ id: 'c3', x: 'text', y: 'tex', z: 'text of c3' }] },
    sent: [
      'query best($v0: Int, $v1: Order, $v2: Int, $v3: Int) { best(first: $v0, order: $v1) ' +
        '{ id text__Review__1: text(length: $v2) text__Review__2: text(length: $v3) text__Review: text } }',
    ],
  },
  'defaults of the module': {
    document: '{ topReviews { stars } }',
    data: { topReviews: [{ stars: 5 }, { stars: 3 }, { stars: 4 }] },
    sent: ['query best($v0: Int) { best(first: $v0) { stars: rating } }'],
  },
  'variables, with and without a value': {
    document: 'query ($n: Int, $none: Int) { review(id: "c2") { a: text(length: $n) b: text(length: $none) } }',
    variables: { n: 6 },
    data: { review: { a: 'text o', b: 'text of c2' } },
    sent: [
      'query review($v0: ID!, $v1: Int, $v2: Int) { review(id: $v0) { text__Review__1: text(length: $v1) text__Review__2: text(length: $v2) } }',
    ],
  },
  'a union whose types have one name for fields of two types': {
    document:
      '{ search(filter: { texts: ["a", "b"], least: 5 }) { __typename ... on Review { b: text } ... on User { name c: text } } }',
    data: {
      search: [
        { __typename: 'Review', b: 'text of c1' },
        { __typename: 'User', name: 'a b', c: 9 },
      ],
    },
    sent: [
      'query search($v0: Filter) { search(filter: $v0) { __typename ' +
        '... on Comment { text__Review: text } ... on User { name text__User: text } } }',
    ],
  },
  'an interface': {
    document: '{ nodes { __typename id ... on Review { stars product { title } } } }',
    data: {
      nodes: [
        { __typename: 'Review', id: 'c1', stars: 5, product: { title: 'Product p1' } },
        { __typename: 'User', id: 'u1' },
      ],
    },
    sent: [
      'query nodes { nodes { __typename ... on Comment { id stars: rating product: item { id } } ... on User { id } } }',
    ],
  },
  'fragments and conditions': {
    document: `query ($yes: Boolean!, $no: Boolean!) {
      review(id: "c1") { ...R author @include(if: $no) { id } stars @skip(if: $yes) }
    }
    fragment R on Review { id author { ...U } text @include(if: $yes) }
    fragment U on User { name }`,
    variables: { yes: true, no: false },
    data: { review: { id: 'c1', author: { name: 'Name u1' }, text: 'text of c1' } },
    sent: ['query review($v0: ID!) { review(id: $v0) { id author { name } text__Review: text } }'],
  },
  'an entity with nested arguments': {
    document: '{ product(id: "p1") { title average reviews(first: 1) { stars author { name } } } }',
    data: { product: { title: 'Product p1', average: 4, reviews: [{ stars: 5, author: { name: 'Name u1' } }] } },
    sent: [
      'query itemsByIds($keys: [ID!]!, $v0: Int) { itemsByIds(ids: $keys) ' +
        '{ key__0: id ... on Item { average reviews__1: reviews(first: $v0) { stars: rating author { name } } } } }',
    ],
  },
  'a list of entities, of which one is unknown': {
    document: '{ products { id average } }',
    data: {
      products: [
        { id: 'p1', average: 4 },
        { id: 'p2', average: 4.5 },
        { id: 'p3', average: null },
      ],
    },
    sent: ['query itemsByIds($keys: [ID!]!) { itemsByIds(ids: $keys) { key__0: id ... on Item { average } } }'],
  },
  'an unknown entity in a non-null field': {
    document: '{ product(id: "p3") { id reviews { id } } }',
    data: { product: null },
    errors: [['product.reviews', 'NOT_FOUND']],
    sent: ['query itemsByIds($keys: [ID!]!) { itemsByIds(ids: $keys) { key__0: id ... on Item { reviews { id } } } }'],
  },
  'a mutation': {
    document: 'mutation { addReview(input: { item: "p1", stars: 2 }) { id stars product { title } } }',
    data: { addReview: { id: 'c9', stars: 2, product: { title: 'Product p1' } } },
    sent: ['mutation addReview($v0: NewComment!) { addReview(input: $v0) { id stars: rating product: item { id } } }'],
  },
  'one field several times': {
    document: '{ review(id: "c1") { p: product { id } q: product { average } product { title } } }',
    data: { review: { p: { id: 'p1' }, q: { average: 4 }, product: { title: 'Product p1' } } },
    sent: [
      'query review($v0: ID!) { review(id: $v0) { product: item { id } product__s2: item { average } product__s3: item { id } } }',
    ],
  },
};

for (const execution of EXECUTIONS)
  test.each(Object.entries(CASES))(`${execution}: %s`, async (_title, { document, variables, data, errors = [] }) => {
    const { runQuery, fallbacks } = serviceGateway({ execution });
    expect(await runQuery(document, variables)).toEqual({ data, errors });
    expect(fallbacks).toEqual([]);
  });

test.each(Object.entries(CASES))('a plan requests exactly what is selected: %s', async (_title, given) => {
  const { runQuery, received } = serviceGateway();
  await runQuery(given.document, given.variables);
  expect(received.map(({ query }) => query)).toEqual(given.sent);
});

test('values are sent as variables, with the service’s names of input fields and enum values', async () => {
  const { runQuery, received } = serviceGateway();
  await runQuery('query ($w: Words) { search(filter: $w) { __typename } topReviews(order: HIGHEST) { id } }', {
    w: { texts: ['x'], least: null },
  });
  expect(received.map(({ variables }) => variables)).toEqual([
    { v0: { words: ['x'], least: null } },
    { v0: 3, v1: 'highest' },
  ]);
});

test('one document is compiled once for all its requests', async () => {
  const { runQuery, received } = serviceGateway();
  const document = 'query ($id: ID!) { review(id: $id) { id } }';
  await runQuery(document, { id: 'c1' });
  expect(await runQuery(document, { id: 'c2' })).toEqual({ data: { review: { id: 'c2' } }, errors: [] });
  expect(received.map(({ variables }) => variables)).toEqual([{ v0: 'c1' }, { v0: 'c2' }]);
});

const DATA = [
  { id: 'p1', average: 4 },
  { id: 'p2', average: 4.5 },
  { id: 'p3', average: null },
];

test('a field with one row is requested once for each key, in one operation', async () => {
  const { runQuery, received } = serviceGateway({ by: 'one' });
  expect(await runQuery('{ products { id average } }')).toEqual({ data: { products: DATA }, errors: [] });
  expect(received.map(({ query, variables }) => [query, variables])).toEqual([
    [
      'query item($k0: ID!, $k1: ID!, $k2: ID!) { k0: item(id: $k0) { ...Row } k1: item(id: $k1) { ...Row } ' +
        'k2: item(id: $k2) { ...Row } } fragment Row on Item { average }',
      { k0: 'p1', k1: 'p2', k2: 'p3' },
    ],
  ]);
});

test('an operation has at most maxSize keys', async () => {
  const { runQuery, received } = serviceGateway({ by: 'one', maxSize: 2 });
  expect(await runQuery('{ products { id average } }')).toEqual({ data: { products: DATA }, errors: [] });
  expect(received.map(({ variables }) => Object.keys(variables).length)).toEqual([2, 1]);
});

test('entities of a federated subgraph are loaded by their representations', async () => {
  for (const execution of EXECUTIONS) {
    const { runQuery, received } = serviceGateway({ by: 'entities', execution });
    expect(await runQuery('{ products { id average } }')).toEqual({ data: { products: DATA }, errors: [] });
    // Delegation always requests the key.
    const fields = execution === 'compiled' ? 'average' : 'average id';
    expect(received.map(({ query }) => query)).toEqual([
      `query _entities($keys: [_Any!]!) { _entities(representations: $keys) { ... on Item { ${fields} } } }`,
    ]);
    expect(received[0]?.variables).toEqual({ keys: ['p1', 'p2', 'p3'].map((id) => ({ __typename: 'Item', id })) });
  }
});

test('entities that are requested at several places with one selection share one operation', async () => {
  const { runQuery, received } = serviceGateway();
  await runQuery('{ products { average } product(id: "p2") { average } }');
  expect(received.map(({ variables }) => variables)).toEqual([{ keys: ['p1', 'p2', 'p3'] }]);
});

test('a query is a POST that may be shared and retried, and a mutation is sent once unless it has a key', async () => {
  const { runQuery, calls } = serviceGateway();
  const add = (key: string | null) =>
    runQuery('mutation ($k: String) { addReview(input: { item: "p1", stars: 2, key: $k }) { id } }', { k: key });
  await runQuery('{ review(id: "c1") { id } }');
  await add(null);
  await add('k-1');
  expect(calls.map(({ route, idempotent, message }) => [route, idempotent, 'safe' in message && message.safe])).toEqual(
    [
      ['query review', true, true],
      ['mutation addReview', false, false],
      ['mutation addReview', true, false],
    ],
  );
  expect(calls.map(({ headers }) => typeof headers['idempotency-key'])).toEqual(['undefined', 'undefined', 'string']);
  expect(calls[0]?.message).toMatchObject({ method: 'POST', target: '/graphql' });
  expect(calls[0]?.headers.accept).toBe('application/graphql-response+json, application/json;q=0.9');
});

test('invalid arguments below a field of a service are BAD_USER_INPUT, and nothing is sent', async () => {
  const { runQuery, received } = serviceGateway();
  const { errors } = await runQuery('query ($n: Int = 1) { topReviews(first: $n) { id } }', { n: null });
  expect([errors, received]).toEqual([[['topReviews', 'BAD_USER_INPUT']], []]);
});

test('the plan shows the operations of services, and an outage of the service takes what it provides', () => {
  const { graph, composition } = composeGraph([reviewModule(), productModule()]);
  const document = parse('query Page { topReviews { stars product { title average } } products { average } }');
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document must begin with its operation.');
  const explained = explainer(graph, composition.authorization)(document, operation, {});
  expect(explained).toBe(`query Page

wave  step                   backend   how
1     topReviews [Review!]!  reviews   best of the service reviews
        stars                reviews   property
        product Product      reviews   property
          average            reviews   property
          (references)       reviews   loader productById, for rows that are only key id
          join               products  by id, loader titleById
            title            products  property
      products [Product!]!   products  resolver
1       join                 reviews   by id, loader productById
          average            reviews   property

Operations of GraphQL services:
topReviews [Review!]!: query best($v0: Int) { best(first: $v0) { stars: rating product: item { average id } } }
join: query itemsByIds($keys: [ID!]!) { itemsByIds(ids: $keys) { key__0: id ... on Item { average } } }

Number: wave in which the step calls its backend (a resolver may). Calls of a wave are concurrent.
A step waits only for the step that it is indented under, and a join for the inputs in its line.
`);
  const plan = new PlanCache(graph).planOf(document, operation, {});
  if (plan instanceof CannotPlan) throw plan;
  expect(blastRadius(plan).map(({ backend, takes }) => [backend, takes])).toEqual([['reviews', 'whole page']]);
});
