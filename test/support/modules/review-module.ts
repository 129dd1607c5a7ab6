import { join } from 'node:path';
import {
  defineBackend,
  enumeration,
  graphql,
  remote,
  remoteBatch,
  type SchemaModule,
} from '../../../src/backend/index.ts';
import type { ServiceResolvers } from '../../../src/testing/index.ts';
import { folderWith } from './module-folder.ts';

/** SDL of a service with comments of users on items. */
export const SERVICE = `
  type Query {
    review(id: ID!): Comment
    best(first: Int! = 2, order: Order): [Comment!]!
    itemsByIds(ids: [ID!]!): [Item]!
    item(id: ID!): Item
    search(filter: Filter): [Hit!]!
    nodes: [Node!]!
  }
  type Mutation { addReview(input: NewComment!): Comment! }
  enum Order { newest highest }
  input Filter { words: [String!]!, least: Int = 1 }
  input NewComment { item: ID!, rating: Int!, key: String }
  interface Node { id: ID! }
  type Comment implements Node { id: ID!, rating: Int!, text(length: Int): String, author: User, item: Item! }
  type User implements Node { id: ID!, name: String!, text: Int, comments(first: Int): [Comment!]! }
  type Item @key(fields: "id") { id: ID!, average: Float, reviews(first: Int, least: Int): [Comment!]! }
  union Hit = Comment | User
`;

const SDL = `
  type Query {
    review(id: ID!): Review
    topReviews(first: Int! = 3, order: Order): [Review!]!
    search(filter: Words): [Hit!]!
    nodes: [Node!]!
  }
  type Mutation { addReview(input: NewReview!): Review! }
  enum Order { NEWEST HIGHEST }
  input Words { texts: [String!]!, least: Int }
  input NewReview { item: ID!, stars: Int!, key: String }
  interface Node { id: ID! }
  type Review implements Node { id: ID!, stars: Int!, text(length: Int): String, author: User, product: Product, summary: String }
  type User implements Node { id: ID!, name: String!, text: Int, reviews(first: Int): [Review!]! }
  type Product { id: ID!, average: Float, reviews(first: Int, least: Int): [Review!]! }
  union Hit = Review | User
`;

const PRODUCTS = `
  type Query { products: [Product!]!, product(id: ID!): Product }
  type Product { id: ID!, title: String! }
`;

/** How the module loads products. */
export type By = 'list' | 'one' | 'entities';

const loaderBy = (by: By, maxSize?: number) => {
  const size = maxSize === undefined ? {} : { maxSize };
  switch (by) {
    case 'list':
      return remoteBatch('reviews', { field: 'itemsByIds', argument: 'ids', ...size });
    case 'one':
      return remoteBatch('reviews', { field: 'item', argument: 'id', ...size });
    case 'entities':
      return remoteBatch('reviews', { entities: 'Item', ...size });
  }
};

/** A module whose types come from the service, most of them with other names. */
export const reviewModule = (by: By = 'list', maxSize?: number): SchemaModule => {
  const folder = folderWith({ 'reviews.graphql': SERVICE });
  return defineBackend()({
    name: 'reviews',
    typeDefs: { text: SDL, file: join(folder, 'schema.graphql') },
    upstreams: {
      reviews: graphql({
        schema: './reviews.graphql',
        serviceCodes: { ITEM_LOCKED: 'CONFLICT' },
        types: {
          Review: { from: 'Comment', fields: { stars: 'rating', product: 'item' }, reads: { summary: ['stars'] } },
          User: { fields: { reviews: 'comments' } },
          Product: { from: 'Item' },
          NewReview: { from: 'NewComment', fields: { stars: 'rating' } },
          Words: { from: 'Filter', fields: { texts: 'words' } },
        },
      }),
    },
    loaders: () => ({ productById: loaderBy(by, maxSize) }),
    merge: { Product: { key: 'id', load: 'productById' } },
    resolvers: {
      Query: {
        review: remote('reviews'),
        topReviews: remote('reviews', 'best'),
        search: remote('reviews'),
        nodes: remote('reviews'),
      },
      Mutation: { addReview: remote('reviews', 'addReview', { idempotencyKey: 'input.key' }) },
      Review: { summary: ({ stars }: { stars: number }) => `${stars} of 5` },
      Order: enumeration({ NEWEST: 'newest', HIGHEST: 'highest' }),
    },
  });
};

/** The products. */
export const PRODUCT_ROWS = ['p1', 'p2', 'p3'].map((id) => ({ id, title: `Product ${id}` }));

/** A module that owns the products. */
export const productModule = (rows = PRODUCT_ROWS): SchemaModule => {
  const folder = folderWith({});
  return defineBackend()({
    name: 'products',
    typeDefs: { text: PRODUCTS, file: join(folder, 'schema.graphql') },
    loaders: () => ({
      titleById: {
        load: async (ids: readonly string[]) =>
          new Map(rows.filter(({ id }) => ids.includes(id)).map((row) => [row.id, row])),
        keyOf: (id: string) => id,
        maxSize: 100,
      },
    }),
    merge: { Product: { key: 'id', load: 'titleById' } },
    resolvers: {
      Query: {
        products: () => rows,
        product: (_root: unknown, { id }: { id: string }) => rows.find((row) => row.id === id) ?? null,
      },
    },
  });
};

const comment = (id: string, rating: number, item: string, author: string | null = 'u1') => ({
  __typename: 'Comment',
  id,
  rating,
  text: ({ length }: { length?: number | null }) => `text of ${id}`.slice(0, length ?? 100),
  author: author === null ? null : { __typename: 'User', id: author, name: `Name ${author}`, text: 7, comments: [] },
  item: { id: item },
});

const COMMENTS = [comment('c1', 5, 'p1'), comment('c2', 3, 'p1', 'u2'), comment('c3', 4, 'p2', null)];

interface Paging {
  readonly first?: number | null;
  readonly least?: number | null;
}

const reviewsOf = (item: string, { first, least }: Paging) =>
  COMMENTS.filter((one) => one.item.id === item && one.rating >= (least ?? 0)).slice(0, first ?? 100);

const itemOf = (id: string) => (id === 'p3' ? null : { id, average: id === 'p1' ? 4 : 4.5 });

/** Resolvers of the service with three comments on two items. */
export const SERVICE_RESOLVERS: ServiceResolvers = {
  Query: {
    review: (_root, { id }) => COMMENTS.find((one) => one.id === id) ?? null,
    best: (_root, { first, order }) => {
      const sorted = order === 'newest' ? COMMENTS.toReversed() : COMMENTS;
      return sorted.slice(0, first);
    },
    itemsByIds: (_root, { ids }) => ids.map(itemOf).reverse(),
    item: (_root, { id }) => itemOf(id),
    search: (_root, { filter }) => [
      ...COMMENTS.filter(({ rating }) => rating >= (filter?.least ?? 0)),
      { __typename: 'User', id: 'u9', name: filter?.words.join(' ') ?? 'nobody', text: 9, comments: [] },
    ],
    nodes: () => [COMMENTS[0], COMMENTS[0]?.author],
  },
  Mutation: { addReview: (_root, { input }) => comment('c9', input.rating, input.item) },
  Item: {
    __resolveReference: ({ id }) => itemOf(id),
    reviews: ({ id }, paging) => reviewsOf(id, paging),
    average: ({ id }) => itemOf(id)?.average ?? null,
  },
};
