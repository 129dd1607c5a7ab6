import {
  type DocumentNode,
  executeSync,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  Kind,
  OperationTypeNode,
  type VariableDefinitionNode,
} from 'graphql';
import type { AnyResolver } from '../../backend/define/module.ts';
import type { GraphModule } from '../../execution/graph.ts';
import { printableSchema } from './printable-schema.ts';

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

/** Runs one `__schema` or `__type` on the schema by graphql-js. */
const introspect =
  (schema: GraphQLSchema): AnyResolver =>
  (_root, _args, _context, { fieldNodes, fragments, operation, variableValues }) => {
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

/** The module of `__schema` and `__type`: its fields are on the root type, and show the schema that clients see. */
export const introspectionModule = (schema: GraphQLSchema): GraphModule => {
  const root = schema.getQueryType()?.name ?? 'Query';
  const resolve = introspect(printableSchema(schema));
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
