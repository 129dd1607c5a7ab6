import { addResolversToSchema } from '@graphql-tools/schema';
import { extendSchema, type GraphQLSchema, graphql, parse } from 'graphql';

/** A resolver of a scripted GraphQL service, as in graphql-js; or a value. */
// biome-ignore lint/suspicious/noExplicitAny: only the test knows the rows
export type ServiceResolver = (parent: any, args: any) => unknown;

/**
 * Resolvers of a scripted GraphQL service by type and field. Fields without a resolver are properties of their rows.
 * `__resolveReference` of a type returns the entity of a representation, as in Apollo's subgraphs.
 */
export type ServiceResolvers = Readonly<Record<string, Readonly<Record<string, ServiceResolver>>>>;

const REFERENCE = '__resolveReference';

/** Adds `_entities`, which the SDL of a federated subgraph does not contain. */
const withEntities = (schema: GraphQLSchema, resolvers: ServiceResolvers): GraphQLSchema => {
  const types = Object.keys(resolvers).filter((type) => Object.hasOwn(resolvers[type] ?? {}, REFERENCE));
  if (types.length === 0 || schema.getQueryType()?.getFields()._entities !== undefined) return schema;
  const query = schema.getQueryType() == null ? 'type Query' : 'extend type Query';
  const sdl = `scalar _Any union _Entity = ${types.join(' | ')} ${query} { _entities(representations: [_Any!]!): [_Entity]! }`;
  return extendSchema(schema, parse(sdl), { assumeValidSDL: true });
};

const entities = (resolvers: ServiceResolvers) => ({
  Query: {
    _entities: (_root: unknown, { representations }: { readonly representations: readonly { __typename: string }[] }) =>
      representations.map(async (given) => {
        const row: unknown = await resolvers[given.__typename]?.[REFERENCE]?.(given, {});
        return row === null || row === undefined ? null : { __typename: given.__typename, ...Object(row) };
      }),
  },
});

const withoutReferences = (resolvers: ServiceResolvers): ServiceResolvers =>
  Object.fromEntries(
    Object.entries(resolvers)
      .map(([type, fields]) => [
        type,
        Object.fromEntries(Object.entries(fields).filter(([field]) => field !== REFERENCE)),
      ])
      .filter(([, fields]) => Object.keys(Object(fields)).length > 0),
  );

/** Returns the function that executes a request body with the service's own SDL and these resolvers. */
export const scriptedService = (
  service: GraphQLSchema,
  resolvers: ServiceResolvers,
): ((body: unknown) => Promise<unknown>) => {
  const extended = withEntities(service, resolvers);
  const hasEntities = extended !== service;
  const schema = addResolversToSchema({
    schema: hasEntities ? addResolversToSchema({ schema: extended, resolvers: entities(resolvers) }) : extended,
    resolvers: withoutReferences(resolvers),
  });
  return (body) => {
    const { query = '', variables, operationName }: Record<string, unknown> = Object(body);
    return graphql({
      schema,
      source: String(query),
      variableValues: Object(variables),
      operationName: typeof operationName === 'string' ? operationName : null,
    });
  };
};
