import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from '../../../../test/support/modules/module-folder.ts';
import { graphql, loaded, remote, remoteBatch, type SchemaModule } from '../../../backend/index.ts';
import { problemsInModules } from '../check-modules.ts';

const SERVICE = `
  type Query { review(id: ID!, language: String!): Comment, best(first: Int!): [Comment!]!, items(ids: [ID!]!): [Item] }
  type Comment implements Node { id: ID!, rating: Int!, text: String, kind: Kind, item: Item }
  type Item { id: ID!, reviews(first: Int, by: By): [Comment!]! }
  interface Node { id: ID! }
  enum Kind { good bad }
  input By { least: Int!, word: String }
`;

interface Given {
  readonly service?: string;
  readonly sdl: string;
  readonly types?: Parameters<typeof graphql>[0]['types'];
  readonly module: Partial<SchemaModule>;
}

/** Problems without the path of the folder. */
const problemsOf = ({ service = SERVICE, sdl, types, module }: Given): readonly string[] => {
  const folder = folderWith({ 'reviews.graphql': service });
  const problems = problemsInModules([
    {
      name: 'shop',
      typeDefs: { text: sdl, file: join(folder, 'schema.graphql') },
      errors: {},
      policies: {},
      upstreams: { reviews: graphql({ schema: './reviews.graphql', ...(types === undefined ? {} : { types }) }) },
      loaders: () => ({}),
      merge: {},
      resolvers: {},
      ...module,
    },
  ]);
  return problems.map((problem) => problem.replaceAll(`${folder}/`, '').replace(/^schema.graphql:\d+:\d+: /, ''));
};

const onReview = (fields: string, module: Partial<SchemaModule> = {}, types = {}) =>
  problemsOf({
    sdl: `type Query { best(first: Int!): [Review!]! } type Review { ${fields} }`,
    types: { Review: { from: 'Comment', ...types } },
    module: { resolvers: { Query: { best: remote('reviews') } }, ...module, name: 'shop' },
  });

test('fields that the service provides have no problem', () => {
  expect(onReview('id: ID!, rating: Float, text: String')).toEqual([]);
  expect(onReview('id: ID!, stars: Int', {}, { fields: { stars: 'rating' } })).toEqual([]);
});

test('a field that types maps to a missing field of the service is a problem with both names', () => {
  expect(onReview('id: ID!, stars: Int', {}, { fields: { stars: 'ratin' } })).toEqual([
    expect.stringContaining(
      'Review.stars, which types of reviews names ratin, is not in Comment of the service reviews: correct the name, add it to types of reviews, or write a resolver (did you mean rating)',
    ),
  ]);
});

test.each([
  [
    'rated: Int',
    'Review.rated is not in Comment of the service reviews: correct the name, add it to types of reviews, or write a resolver (did you mean rating)',
  ],
  ['rating: String', 'Review.rating is Int! in the service reviews: use the same type and lists here'],
  ['rating: [Int]', 'Review.rating is Int! in the service reviews: use the same type and lists here'],
  [
    'item: Thing } type Thing { id: ID!',
    "Review.item is Item in the service reviews, not Thing: declare the name: types: { Thing: { from: 'Item' } }",
  ],
  ['item: String', 'Review.item is Item in the service reviews: use the same type and lists here'],
  [
    'kind: Kind } enum Kind { good, ugly',
    'Kind.ugly is not a value of Kind of the service reviews: remove it, or give its name in the service with enumeration({ ugly: … })',
  ],
  [
    'item: Item } type Item { reviews(last: Int): [Review!]!',
    'Item.reviews(last) is not in the service reviews: use the name of the service, or remove it',
  ],
  [
    'item: Item } type Item { reviews(by: By): [Review!]! } input By { word: String',
    'By has no least, which the service reviews requires: add least: Int!',
  ],
  [
    'item: Item } type Item { reviews(by: By): [Review!]! } input By { least: Int',
    'By(least) is required in the service reviews: add "!", or a default',
  ],
])('a type with %s does not match the service', (fields, problem) => {
  expect(onReview(fields)).toEqual([problem]);
});

test('an argument that the service requires is missing', () => {
  const sdl = 'type Query { review(id: ID!): Comment } type Comment { id: ID! }';
  expect(problemsOf({ sdl, module: { resolvers: { Query: { review: remote('reviews') } } } })).toEqual([
    'Query.review has no language, which the service reviews requires: add language: String!',
  ]);
});

test('a resolver of rows of a service declares the fields that it reads', () => {
  const resolvers = { Query: { best: remote('reviews') }, Review: { summary: () => 'x' } };
  expect(onReview('id: ID!, summary: String', { resolvers })).toEqual([
    "index.ts: Review.summary is computed from rows of the service reviews, which have the requested fields only: name the fields that it reads in types of reviews: { Review: { reads: { summary: ['id'] } } }",
  ]);
  expect(onReview('id: ID!, summary: String', { resolvers }, { reads: { summary: ['id'] } })).toEqual([]);
  expect(onReview('id: ID!, summary: String', { resolvers }, { reads: { summary: ['ident'] } })).toEqual([
    'index.ts: reads of Review.summary has ident, a field that Review does not have: correct the name, or add the field to the SDL',
  ]);
});

test('upstreams and root fields that do not exist are rejected', () => {
  const sdl = 'type Query { best(first: Int!): [Comment!]!, other: Comment, third: Comment } type Comment { id: ID! }';
  const Query = { best: remote('review'), other: remote('reviews'), third: remote('reviews', 'bests') };
  expect(problemsOf({ sdl, module: { resolvers: { Query, Comment: { id: remote('reviews') } } } })).toEqual([
    'index.ts: Query.best is of "review", which is no GraphQL upstream: use reviews',
    "index.ts: Query.other is not in the service reviews: it has no Query.other: name its field: remote('reviews', '…')",
    'index.ts: Query.third is not in the service reviews: it has no Query.bests: use best',
    'index.ts: Comment.id is remote(…), which is for fields of Query and Mutation: use loaded(…) or merge with a remoteBatch(…)',
  ]);
});

test('loaders that the service cannot answer are rejected', () => {
  const problemOf = (options: Parameters<typeof remoteBatch>[1], upstream = 'reviews') =>
    problemsOf({
      sdl: 'type Product { id: ID!, reviews(first: Int): [Comment!]! } type Comment { id: ID! }',
      types: { Product: { from: 'Item' } },
      module: {
        loaders: () => ({ products: remoteBatch(upstream, options) }),
        merge: { Product: { key: 'id', load: 'products' } },
      },
    });
  const ok = { field: 'items', argument: 'ids' };
  expect(problemOf(ok)).toEqual([]);
  expect(problemOf({ entities: 'Item' })).toEqual([]);
  expect(problemOf(ok, 'review')).toEqual([
    'index.ts: the loader products is of "review", which is no GraphQL upstream: use reviews',
  ]);
  expect(problemOf({ ...ok, field: 'itms' })).toEqual([
    'index.ts: the loader products calls Query.itms, which the service reviews does not have: use items',
  ]);
  expect(problemOf({ ...ok, argument: 'id' })).toEqual([
    'index.ts: the loader products passes keys as id, an argument that Query.items of the service reviews does not have: use ids',
  ]);
  expect(problemOf({ ...ok, key: 'sku' })).toEqual([
    'index.ts: the loader products has the key sku, which Item of the service reviews does not have: set key to a field of the service',
  ]);
  expect(problemOf({ entities: 'Comment' })).toEqual([
    "index.ts: the loader products returns Comment of the service reviews for Product: declare the name: types: { Product: { from: 'Comment' } }",
  ]);
});

test('a function cannot map rows of a service', () => {
  const problems = onReview('id: ID!, item: Item } type Item { id: ID!', {
    loaders: () => ({ items: remoteBatch('reviews', { field: 'items', argument: 'ids' }) }),
    resolvers: { Query: { best: remote('reviews') }, Review: { item: loaded('items', 'id', (item: unknown) => item) } },
  });
  expect(problems).toEqual([
    "index.ts: Review.item: loaded('items') has a function, but the rows have the fields that are selected below Review.item: remove the function",
  ]);
});

const BEST = {
  sdl: 'type Query { best(first: Int!): Int }',
  module: { resolvers: { Query: { best: remote('reviews') } } },
};

test('the SDL of a service that cannot be read is reported with its place', () => {
  expect(problemsOf({ ...BEST, service: 'type Query { best(first: Int!) Int }' })).toEqual([
    'reviews.graphql:1:32: upstream reviews: Syntax Error: Expected ":", found Name "Int": export the service\'s SDL again, or correct it here',
  ]);
  expect(problemsOf({ ...BEST, service: 'type Query { best(first: Int!): Strng }' })).toEqual([
    'reviews.graphql:1:33: upstream reviews: Unknown type "Strng". Did you mean "String"?: export the service\'s SDL again, or correct it here',
  ]);
  expect(
    problemsOf({ ...BEST, module: { ...BEST.module, upstreams: { reviews: graphql({ schema: './none.graphql' }) } } }),
  ).toEqual([
    "index.ts: upstream reviews: ./none.graphql cannot be read: write the service's SDL there, or correct the path",
  ]);
});

test('the SDL of a federated subgraph needs no declaration of its directives', () => {
  const service = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
    extend type Query { best(first: Int!): [Comment!]! @shareable }
    type Comment @key(fields: "id") { id: ID! @external }
  `;
  const sdl = 'type Query { best(first: Int!): [Comment!]! } type Comment { id: ID! }';
  expect(problemsOf({ ...BEST, sdl, service })).toEqual([]);
});
