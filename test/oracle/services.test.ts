import { isDeepStrictEqual } from 'node:util';
import { addResolversToSchema } from '@graphql-tools/schema';
import { buildSchema, execute, type GraphQLSchema, parse, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { serviceGateway } from '../support/gateway/service-gateway.ts';
import { PRODUCT_ROWS, productModule, reviewModule, SERVICE_RESOLVERS } from '../support/modules/review-module.ts';
import { randomOperation } from './operations/random-operation.ts';

// biome-ignore lint/suspicious/noExplicitAny: rows of the service
type Row = any;

const { Query, Mutation, Item } = SERVICE_RESOLVERS;
/** The products that the service has. */
const PRODUCTS = PRODUCT_ROWS.slice(0, 2);
const NAMES: Readonly<Record<string, string>> = { Comment: 'Review', User: 'User' };

/** The graph without modules: graphql-js over the rows of the service. Counts calls of root fields of the service. */
const referenceOf = (graph: GraphQLSchema) => {
  let calls = 0;
  const root =
    (field: string, args: (given: Row) => Row = (given) => given) =>
    (_root: unknown, given: Row) => {
      calls += 1;
      return Query?.[field]?.(null, args(given));
    };
  const orders: Readonly<Record<string, string>> = { NEWEST: 'newest', HIGHEST: 'highest' };
  const resolveType = ({ __typename }: Row) => NAMES[__typename];
  const executable = addResolversToSchema({
    schema: buildSchema(printSchema(graph)),
    resolvers: {
      Query: {
        review: root('review'),
        topReviews: root('best', ({ first, order }) => ({ first, order: orders[order] ?? order })),
        // The service's own default of `least` is 1.
        search: root('search', ({ filter }) => ({
          filter: filter && { least: 1, ...filter, words: filter.texts },
        })),
        nodes: root('nodes'),
        products: () => PRODUCTS,
        product: (_root: unknown, { id }: Row) => PRODUCTS.find((row) => row.id === id) ?? null,
      },
      Mutation: {
        addReview: (_root: unknown, { input }: Row) => {
          calls += 1;
          return Mutation?.addReview?.(null, { input: { ...input, rating: input.stars } });
        },
      },
      Review: {
        stars: ({ rating }: Row) => rating,
        product: ({ item }: Row) => item,
        summary: ({ rating }: Row) => `${rating} of 5`,
      },
      User: { reviews: ({ comments }: Row) => comments },
      Product: {
        title: ({ id }: Row) => PRODUCTS.find((row) => row.id === id)?.title,
        average: (row: Row) => Item?.average?.(row, {}),
        reviews: (row: Row, args: Row) => Item?.reviews?.(row, args),
      },
      Hit: { __resolveType: resolveType },
      Node: { __resolveType: resolveType },
    },
  });
  return {
    execute: (document: string, variableValues: Row) =>
      execute({ schema: executable, document: parse(document), variableValues }),
    calls: () => calls,
  };
};

const pathsOf = (errors: readonly { readonly path?: unknown }[] = []) =>
  errors.map(({ path }) => String(path)).toSorted();

const OPERATIONS = 250;

test.each(['list', 'one', 'entities'] as const)(
  'random operations over a service have the answers of graphql-js over its rows, with one call for each root field (keys by %s)',
  async (by) => {
    const { schema } = composeGraph([reviewModule(), productModule()]).graph;
    const found: unknown[] = [];
    const { execute: run, received, fallbacks } = serviceGateway({ by, products: PRODUCTS });
    const reference = referenceOf(schema);
    for (let seed = 0; seed < OPERATIONS; seed += 1) {
      const { document, variables } = randomOperation(schema, `services ${by} ${seed}`);
      received.length = 0;
      const { data, errors } = await run(document, variables);
      if (data === undefined) continue;
      const before = reference.calls();
      const expected = await reference.execute(document, variables);
      const calls = [
        received.filter(({ operationName }) => operationName !== LOADED[by]).length,
        reference.calls() - before,
      ];
      const isEqual =
        isDeepStrictEqual(JSON.parse(JSON.stringify(data)), JSON.parse(JSON.stringify(expected.data))) &&
        isDeepStrictEqual(pathsOf(errors), pathsOf(expected.errors));
      // graphql-js skips the fields next to an error that has propagated.
      if (!isEqual || fallbacks.length > 0 || (errors === undefined && calls[0] !== calls[1]))
        found.push({ document, variables, fallbacks, calls, data, errors, expected });
    }
    expect(found.slice(0, 2)).toEqual([]);
    // Most operations reach the service.
    expect(reference.calls()).toBeGreaterThan(OPERATIONS / 2);
  },
);

/** The operation that loads products. */
const LOADED = { list: 'itemsByIds', one: 'item', entities: '_entities' };
