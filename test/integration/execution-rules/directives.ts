import type { Rule } from './rule.ts';

const SDL = 'type Query { a: Int  b: Int  c: Int  inner: Inner } type Inner { a: Int  b: Int }';

const resolvers: Rule['resolvers'] = (note) => {
  const field = (name: string, value: number) => () => {
    note(name);
    return value;
  };
  return { Query: { a: field('a', 1), b: field('b', 2), c: field('c', 3), inner: () => ({ a: 4, b: 5 }) } };
};

type Variables = Rule['variables'];

const selected = (sentence: string, document: string, data: Rule['data'], variables?: Variables): Rule => ({
  title: `6.3.2 CollectFields: ${sentence}`,
  sdl: SDL,
  resolvers,
  document,
  data,
  ...(variables === undefined ? {} : { variables }),
});

const BOTH: readonly (readonly [skip: boolean, include: boolean])[] = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
];

/** 6.3.2: @skip and @include */
export const DIRECTIVES: readonly Rule[] = [
  { ...selected('a field with @skip(if: true) is not executed', '{ a @skip(if: true) b }', { b: 2 }), calls: ['b'] },
  selected('a field with @skip(if: false) is', '{ a @skip(if: false) b }', { a: 1, b: 2 }),
  {
    ...selected('a field with @include(if: false) is not executed', '{ a @include(if: false) b }', { b: 2 }),
    calls: ['b'],
  },
  selected('a field with @include(if: true) is', '{ a @include(if: true) b }', { a: 1, b: 2 }),
  ...BOTH.map(([skip, include]) =>
    selected(
      `@skip(if: ${skip}) @include(if: ${include}): the field is selected only if both permit it`,
      `{ a @skip(if: ${skip}) @include(if: ${include}) b }`,
      !skip && include ? { a: 1, b: 2 } : { b: 2 },
    ),
  ),
  ...BOTH.map(([skip, include]) =>
    selected(
      `@skip and @include by variables, ${skip} and ${include}, in the other order`,
      'query ($s: Boolean!, $i: Boolean!) { ...F @include(if: $i) @skip(if: $s) b } fragment F on Query { a }',
      !skip && include ? { a: 1, b: 2 } : { b: 2 },
      { s: skip, i: include },
    ),
  ),
  selected("a variable's default decides", 'query ($v: Boolean = false) { a @include(if: $v) b @skip(if: $v) }', {
    b: 2,
  }),
  selected(
    'a variable overrides its default',
    'query ($v: Boolean = false) { a @include(if: $v) b @skip(if: $v) }',
    { a: 1 },
    { v: true },
  ),
  selected('a fragment spread is skipped as a whole', '{ ...F @skip(if: true) b } fragment F on Query { a c }', {
    b: 2,
  }),
  selected('an inline fragment is skipped as a whole', '{ ... on Query @include(if: false) { a c } b }', { b: 2 }),
  selected(
    'an inline fragment without a type condition may have directives',
    '{ ... @skip(if: true) { a } ... @include(if: true) { c } b }',
    { c: 3, b: 2 },
  ),
  selected('a field is there if one of its occurrences is', '{ a @skip(if: true) b a }', { b: 2, a: 1 }),
  selected(
    'a field has the position of its first included occurrence',
    '{ a @include(if: false) b c a @include(if: true) }',
    { b: 2, c: 3, a: 1 },
  ),
  selected('a fragment that was skipped was not visited', '{ ...F @skip(if: true) b ...F } fragment F on Query { a }', {
    b: 2,
    a: 1,
  }),
  selected('only included selections of a repeated field are merged', '{ inner { a } inner @skip(if: true) { b } }', {
    inner: { a: 4 },
  }),
  selected('within a field they decide on its fields', '{ inner { a @skip(if: true) b } }', { inner: { b: 5 } }),
  selected('an object may be left without any field', '{ inner { a @skip(if: true) } }', { inner: {} }),
  selected('the data may be left without any field', '{ a @skip(if: true) }', {}),
  selected('__typename may be skipped', '{ __typename @skip(if: true) inner { __typename @include(if: true) } }', {
    inner: { __typename: 'Inner' },
  }),
  selected(
    'a spread within a skipped one is skipped with it',
    '{ ...F @skip(if: true) b } fragment F on Query { ...G } fragment G on Query { a }',
    { b: 2 },
  ),
];
