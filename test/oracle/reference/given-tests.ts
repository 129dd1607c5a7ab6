import { type FieldNode, Kind, type ValueNode, type VariableDefinitionNode } from 'graphql';
import type { Test } from './permission.ts';

/** An argument, or a field of an input object, with the tests of giving it a value. */
export interface InputTests {
  readonly type: string;
  readonly tests: readonly Test[];
}

/** Inputs by name. */
export type Inputs = ReadonlyMap<string, InputTests>;

/** Variables as the client sent them. */
export interface SentVariables {
  readonly sent: Readonly<Record<string, unknown>>;
  readonly definitions: readonly VariableDefinitionNode[];
}

/** A value as JSON, with `undefined` for an absent variable. */
const sentValue = (node: ValueNode, variables: SentVariables): unknown => {
  switch (node.kind) {
    case Kind.VARIABLE: {
      const { value: name } = node.name;
      if (Object.hasOwn(variables.sent, name)) return variables.sent[name];
      const preset = variables.definitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
      return preset === undefined ? undefined : sentValue(preset, variables);
    }
    case Kind.LIST:
      return node.values.map((item) => sentValue(item, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, sentValue(value, variables)]));
    default:
      return node.kind === Kind.NULL ? null : 'a value';
  }
};

const testsOf = (value: unknown, { type, tests }: InputTests, types: ReadonlyMap<string, Inputs>): readonly Test[] =>
  value === undefined ? [] : [...tests, ...testsBelow(value, type, types)];

const testsBelow = (value: unknown, type: string, types: ReadonlyMap<string, Inputs>): readonly Test[] => {
  if (Array.isArray(value)) return value.flatMap((item) => testsBelow(item, type, types));
  const fields = types.get(type);
  if (fields === undefined || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = fields.get(name);
    return field === undefined ? [] : testsOf(inner, field, types);
  });
};

/** The tests of all inputs that a field gives. */
export const givenTests = (
  node: FieldNode,
  args: Inputs,
  types: ReadonlyMap<string, Inputs>,
  variables: SentVariables,
): readonly Test[] =>
  (node.arguments ?? []).flatMap(({ name, value }) => {
    const arg = args.get(name.value);
    return arg === undefined ? [] : testsOf(sentValue(value, variables), arg, types);
  });
