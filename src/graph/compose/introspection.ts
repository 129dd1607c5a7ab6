import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  Kind,
  OperationTypeNode,
  type VariableDefinitionNode,
} from 'graphql';
import type { AnyResolver } from '../../backend/define/module.ts';
import type { GraphModule } from '../../execution/graph.ts';
import type { Principal } from '../../request/principal.ts';

/** No schema module can have this name. */
const NAME = '(introspection)';

/** A whole introspection result, which graphql-js completed. */
const result = new GraphQLScalarType({ name: 'IntrospectionResult' });

/** Fields and conditions of introspection have only arguments of these types. Their values can be coerced twice. */
const COERCED: ReadonlySet<string> = new Set(['Boolean', 'String']);

const isCoerced = ({ type }: VariableDefinitionNode): boolean => {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  return named.kind === Kind.NAMED_TYPE && COERCED.has(named.name.value);
};

/** One `__schema` or `__type` of an operation. */
type IntrospectionFields = Pick<GraphQLResolveInfo, 'fragments' | 'operation' | 'variableValues'> & {
  readonly fieldNodes: readonly FieldNode[];
};

/** Runs one `__schema` or `__type` on the schema by graphql-js. */
export const introspect = (
  schema: GraphQLSchema,
  { fieldNodes, fragments, operation, variableValues }: IntrospectionFields,
): unknown => {
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        variableDefinitions: operation.variableDefinitions?.filter(isCoerced) ?? [],
        selectionSet: { kind: Kind.SELECTION_SET, selections: fieldNodes },
      },
      ...Object.values(fragments),
    ],
  };
  const { data, errors } = executeSync({ schema, document, variableValues });
  if (errors?.[0] !== undefined) throw errors[0].originalError ?? errors[0];
  // All nodes have the same response key.
  return Object.values(data ?? {})[0];
};

/** The schema that a caller sees. */
export type SchemaOf = (principal: Principal) => GraphQLSchema;

/** The module of `__schema` and `__type`: its fields are on the root type, and show the schema that the caller sees. */
export const introspectionModule = (schema: GraphQLSchema, shownTo: SchemaOf): GraphModule => {
  const root = schema.getQueryType()?.name ?? 'Query';
  const resolve: AnyResolver = (_root, _args, { principal }, info) => introspect(shownTo(principal), info);
  const fields = {
    __schema: { type: new GraphQLNonNull(result) },
    __type: { type: result, args: { name: { type: new GraphQLNonNull(GraphQLString) } } },
  };
  return {
    module: {
      name: NAME,
      typeDefs: { file: '', text: '' },
      errors: {},
      upstreams: {},
      policies: {},
      loaders: () => ({}),
      merge: {},
      resolvers: { [root]: { __schema: resolve, __type: resolve } },
    },
    schema: new GraphQLSchema({ query: new GraphQLObjectType({ name: root, fields }), assumeValid: true }),
  };
};
