import {
  astFromValue,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql';
import type { Operation } from '../operation.ts';
import { variableValues } from '../operation-facts.ts';
import type { RootSelection } from './selected-fields.ts';

/** Levels of a value that defaults are added to. Those of an input type may contain the type itself. */
const MAX_LEVELS = 50;

/** The default of an argument or input field, as a client would send it; undefined for none. */
const defaultOf = ({ astNode, defaultValue, type }: GraphQLArgument | GraphQLInputField): unknown => {
  const node = astNode?.defaultValue ?? (defaultValue === undefined ? undefined : astFromValue(defaultValue, type));
  return node == null ? undefined : valueFromASTUntyped(node);
};

/** Adds defaults to the values of one operation. An object or list of a variable is read once: many fields may use it. */
class CompleteValues {
  readonly #known = new Map<object, unknown>();

  /** Returns a value with the defaults of the input fields that it leaves out. An item in place of a list stays one. */
  of(value: unknown, type: GraphQLInputType, level = 0): unknown {
    if (typeof value !== 'object' || value === null || level > MAX_LEVELS) return value;
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const complete = this.#complete(value, getNullableType(type), level);
    this.#known.set(value, complete);
    return complete;
  }

  #complete(value: object, type: GraphQLInputType, level: number): unknown {
    if (isListType(type)) {
      const { ofType } = type;
      return Array.isArray(value)
        ? value.map((item) => this.of(item, ofType, level + 1))
        : this.of(value, ofType, level);
    }
    if (!isInputObjectType(type)) return value;
    const given = new Map(Object.entries(value));
    return Object.fromEntries(
      Object.values(type.getFields()).flatMap((field) => {
        const sent = given.get(field.name);
        const own = sent === undefined ? defaultOf(field) : sent;
        return own === undefined ? [] : [[field.name, this.of(own, field.type, level + 1)]];
      }),
    );
  }

  argument(definition: GraphQLArgument, node: FieldNode, variables: Readonly<Record<string, unknown>>): unknown {
    const given = node.arguments?.find(({ name }) => name.value === definition.name);
    const value = given && valueFromASTUntyped(given.value, variables);
    return this.of(value === undefined ? defaultOf(definition) : value, definition.type);
  }
}

/** The values at a path of input fields. Each item of a list has its own. */
const valuesAt = (value: unknown, path: readonly string[]): readonly unknown[] => {
  const [name, ...rest] = path;
  if (name === undefined) return value === undefined ? [] : [value];
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  return valuesAt(Reflect.get(value, name), rest);
};

/**
 * Returns the values of an argument of these fields, or of an input field below it, as limits count them: as the client sent
 * them, with the defaults of the operation and of the schema where it sent none. Fields without a value have none.
 */
export const countedArguments = (
  schema: GraphQLSchema,
  operation: Operation,
  selections: readonly RootSelection[],
  [argument = '', ...path]: readonly string[],
): readonly unknown[] => {
  const variables = variableValues(operation);
  const complete = new CompleteValues();
  return selections.flatMap(({ type: name, node }) => {
    const type = schema.getType(name);
    const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
    const definition = field?.args.find((one) => one.name === argument);
    return definition === undefined ? [] : valuesAt(complete.argument(definition, node, variables), path);
  });
};
