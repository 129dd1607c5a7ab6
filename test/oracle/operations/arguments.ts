import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Random } from '../random.ts';
import type { Variables } from './variables.ts';

/** A value in both forms: as JSON, and as GraphQL. */
interface Input {
  readonly value: unknown;
  readonly literal: string;
}

const same = (value: unknown): Input => ({ value, literal: JSON.stringify(value) });

const scalarInput = (random: Random, name: string): Input => {
  const n = random.between(0, 9);
  switch (name) {
    case 'Int':
      return same(n - 3);
    case 'Float':
      return same(random.pick([n, n / 4, -n]));
    case 'Boolean':
      return same(random.chance(0.5));
    case 'ID':
      return random.chance(0.5) ? same(`i${n}`) : same(n);
    case 'Stamp':
      return same(`s${n}`);
    case 'BigInt':
      return same(n * 1_000_000_007);
    case 'DateTime':
      return same(`2024-0${1 + (n % 9)}-11T12:13:14.000Z`);
    case 'Date':
      return same(`2024-0${1 + (n % 9)}-11`);
    case 'EmailAddress':
      return same(`t${n}@example.com`);
    case 'URL':
      return same(`https://example.com/${n}`);
    case 'UUID':
      return same(`0b5c5e6a-0000-4000-8000-00000000000${n}`);
    case 'JSON':
      return random.pick([same(n), same('x'), same([n, null]), { value: { a: [n] }, literal: `{ a: [${n}] }` }]);
    default:
      return same(random.pick([`t${n}`, '', 'ü "x"']));
  }
};

/** A value of the type. With `variables`, parts of it may be variables. */
export const inputFor = (random: Random, type: GraphQLInputType, depth: number, variables: Variables | null): Input => {
  if (isNonNullType(type)) return present(random, type.ofType, depth, variables);
  return random.chance(0.12) ? { value: null, literal: 'null' } : present(random, type, depth, variables);
};

const listInput = (random: Random, of: GraphQLInputType, depth: number, variables: Variables | null): Input => {
  // A single item is accepted as a list.
  if (random.chance(0.1) && !isListType(of)) return present(random, isNonNullType(of) ? of.ofType : of, depth, null);
  const items = Array.from({ length: random.between(0, 3) }, () => argument(random, of, depth, false, variables));
  return { value: items.map(({ value }) => value), literal: `[${items.map(({ literal }) => literal).join(', ')}]` };
};

const present = (random: Random, type: GraphQLInputType, depth: number, variables: Variables | null): Input => {
  if (isNonNullType(type)) return present(random, type.ofType, depth, variables);
  if (isListType(type)) return listInput(random, type.ofType, depth, variables);
  if (isEnumType(type)) {
    const { name } = random.pick(type.getValues());
    return { value: name, literal: name };
  }
  if (!isInputObjectType(type)) return scalarInput(random, type.name);
  const all = Object.values(type.getFields());
  const fields = type.isOneOf
    ? [random.pick(all)]
    : all.filter((field) => isNonNullType(field.type) || (depth > 0 && random.chance(0.4)));
  const inputs = fields.map((field) => ({
    name: field.name,
    input: argument(random, field.type, depth - 1, field.defaultValue !== undefined, variables),
  }));
  return {
    value: Object.fromEntries(inputs.map(({ name, input }) => [name, input.value])),
    literal: `{ ${inputs.map(({ name, input }) => `${name}: ${input.literal}`).join(', ')} }`,
  };
};

const argument = (
  random: Random,
  type: GraphQLInputType,
  depth: number,
  hasDefault: boolean,
  variables: Variables | null,
): Input => {
  if (variables === null || !random.chance(0.35)) return inputFor(random, type, depth, variables);
  const { value, literal } = present(random, type, depth, null);
  return { value, literal: variables.value(type.toString(), value, literal, hasDefault) };
};

const isRequired = ({ type, defaultValue }: GraphQLArgument | GraphQLInputField): boolean =>
  isNonNullType(type) && defaultValue === undefined;

/** Random arguments for a field, with parentheses; empty for none. */
export const argumentsFor = (random: Random, args: readonly GraphQLArgument[], variables: Variables): string => {
  const given = args
    .filter((arg) => isRequired(arg) || random.chance(0.5))
    .map((arg) => `${arg.name}: ${argument(random, arg.type, 2, arg.defaultValue !== undefined, variables).literal}`);
  return given.length === 0 ? '' : `(${given.join(', ')})`;
};
