import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  Kind,
  print,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Feature } from '../features.ts';

const twiceUnlike = ({ selections }: SelectionSetNode): boolean => {
  const fields = selections.filter(
    (node): node is FieldNode => node.kind === Kind.FIELD && node.selectionSet !== undefined,
  );
  return fields.some((one) =>
    fields.some(
      (other) =>
        one.name.value === other.name.value &&
        (one.alias ?? one.name).value !== (other.alias ?? other.name).value &&
        print(one.selectionSet ?? one) !== print(other.selectionSet ?? other),
    ),
  );
};

/** Features of an operation, whatever its result. */
export const staticFeatures = (schema: GraphQLSchema, document: DocumentNode): ReadonlySet<Feature> => {
  const found = new Set<Feature>();
  const types = new TypeInfo(schema);
  let fragments = 0;
  const fragment = {
    enter: () => {
      fragments += 1;
      if (fragments > 1) found.add('nested fragment');
    },
    leave: () => {
      fragments -= 1;
    },
  };
  visit(
    document,
    visitWithTypeInfo(types, {
      InlineFragment: fragment,
      FragmentDefinition: fragment,
      FragmentSpread: () => {
        if (fragments > 0) found.add('nested fragment');
      },
      Directive: ({ arguments: args = [] }) => {
        if (args.some(({ value }) => value.kind === Kind.VARIABLE)) found.add('@skip/@include by variable');
      },
      SelectionSet: (node) => {
        if (twiceUnlike(node)) found.add('alias with another selection');
      },
      Field: ({ name, arguments: given = [] }) => {
        if (name.value === '__typename') found.add('__typename');
        if (getNamedType(types.getType()) === schema.getQueryType()) found.add('root below the root');
        const args = types.getFieldDef()?.args ?? [];
        const isLeftOut = (arg: string) => !given.some((one) => one.name.value === arg);
        if (args.some((arg) => arg.defaultValue !== undefined && isLeftOut(arg.name))) found.add('default argument');
      },
      OperationDefinition: ({ operation, selectionSet }) => {
        if (operation === 'mutation' && selectionSet.selections.length > 1) found.add('serial mutation');
      },
    }),
  );
  return found;
};
