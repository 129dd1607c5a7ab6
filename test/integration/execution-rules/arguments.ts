import { scalar } from 'tributary/backend';
import { echo, fail, type Rule } from './rule.ts';

const SDL = `type Query {
  echo(a: Int, b: Int = 2, c: [Int], d: [[Int]], e: Kind, f: Float, g: ID, by: By): String
  strict(a: Int! = 4, b: [Int!]): String
  must(a: Int!): String
  refusing(a: Picky): String
  deep: Deep
}
type Deep { echo(a: Int, b: Int = 2): String }
enum Kind { SMALL LARGE }
scalar Picky
input By { must: Int!  has: Int = 3  strict: Int! = 5  list: [Int]  by: By }`;

const Picky = scalar({ parse: (value) => (value === 1 ? 'one' : fail()), serialize: (value: string) => value });

const resolvers: Rule['resolvers'] = (note) => {
  const noted = (root: unknown, args: unknown) => {
    note('called');
    return echo(root, args);
  };
  return {
    Picky,
    Query: { echo: noted, strict: noted, must: noted, refusing: noted, deep: () => ({}) },
    Deep: { echo: noted },
  };
};

interface Case {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly echo?: Readonly<Record<string, unknown>>;
  /** Path of the field that cannot be executed. */
  readonly failing?: string;
}

/** The only field of the selection is executed with these arguments, or it alone fails. */
const given = (sentence: string, document: string, { variables, echo, failing }: Case): Rule => ({
  title: `6.4.1 Coercing Field Arguments: ${sentence}`,
  sdl: SDL,
  resolvers,
  document,
  ...(variables === undefined ? {} : { variables }),
  ...(failing === undefined
    ? { data: { r: JSON.stringify(echo) }, calls: ['called'] }
    : { data: { r: null }, errors: ['r'], calls: [] }),
});

const invalid = (sentence: string, document: string): Rule => ({
  title: `6.4.1 Coercing Field Arguments: ${sentence} does not come to execution`,
  sdl: SDL,
  resolvers,
  document,
  errors: ['request'],
  calls: [],
});

/** 6.4.1 */
export const ARGUMENTS: readonly Rule[] = [
  given('without a value, a default is the value, and what has none has no entry', '{ r: echo }', { echo: { b: 2 } }),
  given('a value wins over the default', '{ r: echo(b: 3) }', { echo: { b: 3 } }),
  given('null wins over the default', '{ r: echo(b: null) }', { echo: { b: null } }),
  given('null is a value', '{ r: echo(a: null) }', { echo: { a: null, b: 2 } }),
  given('a variable has its value', 'query ($v: Int) { r: echo(a: $v) }', {
    variables: { v: 1 },
    echo: { a: 1, b: 2 },
  }),
  given('a variable that is null is null, also where there is a default', 'query ($v: Int) { r: echo(b: $v) }', {
    variables: { v: null },
    echo: { b: null },
  }),
  given('a variable without a value has no entry', 'query ($v: Int) { r: echo(a: $v) }', { echo: { b: 2 } }),
  given('a variable without a value leaves the default', 'query ($v: Int) { r: echo(b: $v) }', { echo: { b: 2 } }),
  given("a variable's default wins over the argument's", 'query ($v: Int = 7) { r: echo(b: $v) }', { echo: { b: 7 } }),
  given('what may not be null and has a default needs no value', '{ r: strict }', { echo: { a: 4 } }),
  given('a non-null argument with a default needs no value of its variable', 'query ($v: Int) { r: strict(a: $v) }', {
    echo: { a: 4 },
  }),
  given('what may not be null is a field error where its variable is null', 'query ($v: Int) { r: strict(a: $v) }', {
    variables: { v: null },
    failing: 'r',
  }),
  given(
    "what may not be null is a field error where its variable's default is overridden by null",
    'query ($v: Int = 1) { r: must(a: $v) }',
    { variables: { v: null }, failing: 'r' },
  ),
  given("what may not be null may take a variable's default", 'query ($v: Int = 1) { r: must(a: $v) }', {
    echo: { a: 1 },
  }),
  invalid('what may not be null and is absent', '{ r: must }'),
  invalid('what may not be null and is null', '{ r: must(a: null) }'),
  invalid('a value of another type', '{ r: echo(a: "1") }'),
  invalid('an Int of more than 2^31-1', '{ r: echo(a: 2147483648) }'),
  invalid('a scalar that refuses the value', '{ r: refusing(a: 2) }'),
  invalid('an input without a field that it must have', '{ r: echo(by: { has: 1 }) }'),

  given('a list of one may be written as its item', '{ r: echo(c: 1, d: 2) }', { echo: { b: 2, c: [1], d: [[2]] } }),
  given('an item of a list may be null', '{ r: echo(c: [1, null]) }', { echo: { b: 2, c: [1, null] } }),
  given('an enum is its name, a Float may be whole, an ID a number', '{ r: echo(e: SMALL, f: 1, g: 2) }', {
    echo: { b: 2, e: 'SMALL', f: 1, g: '2' },
  }),
  given('a scalar is what it makes of the literal', '{ r: refusing(a: 1) }', { echo: { a: 'one' } }),
  given('an input has the defaults of its fields', '{ r: echo(by: { must: 1, by: { must: 2, has: null } }) }', {
    echo: { b: 2, by: { must: 1, has: 3, strict: 5, by: { must: 2, has: null, strict: 5 } } },
  }),
  given(
    'a variable within an input has its value, or no entry without one',
    'query ($v: Int!, $w: Int) { r: echo(by: { must: $v, has: $w, list: [$v] }) }',
    { variables: { v: 1 }, echo: { b: 2, by: { must: 1, has: 3, strict: 5, list: [1] } } },
  ),
  given('a variable within a list is null without a value', 'query ($v: Int) { r: echo(c: [1, $v]) }', {
    echo: { b: 2, c: [1, null] },
  }),
  given(
    'a null variable in a non-null input field is a field error',
    'query ($v: Int) { r: echo(by: { must: 1, strict: $v }) }',
    { variables: { v: null }, failing: 'r' },
  ),
  {
    title: '6.4.1 Coercing Field Arguments: two aliases of one field have separate arguments',
    sdl: SDL,
    resolvers,
    document: 'query ($v: Int) { deep { one: echo(a: 1) two: echo(a: $v) three: echo(b: $v) echo } }',
    variables: { v: 9 },
    data: { deep: { one: '{"a":1,"b":2}', two: '{"a":9,"b":2}', three: '{"b":9}', echo: '{"b":2}' } },
  },
];
