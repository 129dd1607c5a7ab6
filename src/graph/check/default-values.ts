import {
  type GraphQLArgument,
  GraphQLError,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  type ValueNode,
  valueFromAST,
  visit,
} from 'graphql';
import { isExact } from '../../core/exact-json.ts';

const inexactIn = (node: ValueNode): string | null => {
  let found: string | null = null;
  visit(node, {
    [Kind.FLOAT]: ({ value }) => {
      if (!isExact(value)) found = value;
    },
  });
  return found;
};

const wrongIn = (at: string, { astNode, type }: GraphQLArgument | GraphQLInputField): readonly GraphQLError[] => {
  const node = astNode?.defaultValue;
  if (!node) return [];
  const about = (problem: string) => [new GraphQLError(problem, { nodes: node })];
  // graphql-js ignores a default that does not fit.
  if (valueFromAST(node, type) === undefined)
    return about(`The default ${print(node)} of ${at} does not fit its type ${type.toString()}`);
  const inexact = inexactIn(node);
  return inexact === null ? [] : about(`The default of ${at} cannot keep the number ${inexact} exactly`);
};

/**
 * Reports defaults of arguments and input fields that do not fit their types. A custom scalar accepts every default
 * here.
 */
export const wrongDefaults = (schema: GraphQLSchema): readonly GraphQLError[] =>
  Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isInputObjectType(type))
      return Object.values(type.getFields()).flatMap((field) => wrongIn(`${type.name}.${field.name}`, field));
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      field.args.flatMap((arg) => wrongIn(`${type.name}.${field.name}(${arg.name}:)`, arg)),
    );
  });
