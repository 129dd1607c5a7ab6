import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** Types that the fields and these types use, and that selections below them can use, in the order of their discovery. */
export const reachedTypes = (
  schema: GraphQLSchema,
  fields: readonly GraphQLField<unknown, unknown>[],
  types: readonly GraphQLNamedType[],
): ReadonlySet<GraphQLNamedType> => {
  const roots = new Set<GraphQLNamedType | null | undefined>([
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ]);
  const found = new Set<GraphQLNamedType>();
  const add = (type: GraphQLNamedType): void => {
    if (!roots.has(type)) found.add(type);
  };
  const addField = ({ type, args }: GraphQLField<unknown, unknown>): void => {
    add(getNamedType(type));
    for (const argument of args) add(getNamedType(argument.type));
  };
  fields.forEach(addField);
  types.forEach(add);
  // The set grows during the loop.
  for (const type of found) {
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(add);
    if (isObjectType(type) || isInterfaceType(type)) Object.values(type.getFields()).forEach(addField);
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) add(getNamedType(field.type));
  }
  return found;
};
