import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { enumeration } from '../../backend/define/scalars/enumeration.ts';
import { wrongResolvers } from './resolvers.ts';

const SDL = `type Query { ok: Boolean }
enum State { PACKED SENT }
extend enum State { LOST }`;

// biome-ignore lint/suspicious/noExplicitAny: JavaScript modules have no types.
type Untyped = any;

const problemsOf = (name: string, values: Untyped, sdl = SDL) =>
  lines(wrongResolvers(reading('a', sdl, { resolvers: { [name]: enumeration(values) } })));

test('an enumeration with a distinct value for each name is valid, for every kind of value', () => {
  expect(problemsOf('State', { PACKED: 0, SENT: 1, LOST: -1 })).toEqual([]);
  expect(problemsOf('State', { PACKED: 'p', SENT: true, LOST: 2n })).toEqual([]);
  expect(problemsOf('State', { PACKED: 1, SENT: '1', LOST: true })).toEqual([]);
});

test.each([
  ['a name', 'State', { PACKED: 0, LOST: 1 }, 'the enumeration State lacks SENT: add a value for each'],
  ['every name', 'State', undefined, 'the enumeration State lacks LOST, PACKED and SENT: add a value for each'],
])('an enumeration without %s is rejected', (_what, name, values, line) => {
  expect(problemsOf(name, values)).toEqual([`a/index.ts: ${line}`]);
});

test.each([
  [
    'a name that is not in the SDL',
    'State',
    { PACKED: 0, SENT: 1, LOST: 2, FOUND: 3 },
    'the enumeration State has FOUND, which is not in the SDL: correct the name, or add it to the enum',
  ],
  [
    'one value for two names',
    'State',
    { PACKED: 0, SENT: 1, LOST: 0 },
    'PACKED and LOST of State have the same internal value, 0: use a different value for each',
  ],
  [
    'null as a value',
    'State',
    { PACKED: 0, SENT: null, LOST: 1 },
    'State.SENT has no valid internal value: use a string, a number or a boolean',
  ],
  [
    'an object as a value',
    'State',
    { PACKED: 0, SENT: { code: 1 }, LOST: 1 },
    'State.SENT has no valid internal value: use a string, a number or a boolean',
  ],
  [
    'an enum that is not in the SDL',
    'Stat',
    { PACKED: 0 },
    'resolvers has an enumeration Stat, which is not in the SDL: write `enum Stat { … }` in the SDL, or remove it',
  ],
  [
    'a type that is not an enum',
    'Query',
    { ok: 1 },
    'resolvers has an enumeration Query, which is no enum in the SDL: write `enum Query { … }` in the SDL, or remove it',
  ],
])('an enumeration with %s is rejected', (_what, name, values, line) => {
  expect(problemsOf(name, values)).toEqual([`a/index.ts: ${line}`]);
});

test('an SDL with a syntax error hides problems of names, but not of values', () => {
  expect(problemsOf('State', { PACKED: 0, SENT: 0 }, 'enum')).toEqual([
    'a/index.ts: PACKED and SENT of State have the same internal value, 0: use a different value for each',
  ]);
});

test('values without enumeration() are rejected, and the fix names enumeration()', () => {
  const resolvers: Untyped = { State: { PACKED: 0 } };
  expect(lines(wrongResolvers(reading('a', SDL, { resolvers })))).toEqual([
    'a/index.ts: resolvers has fields for State, which is not an object type: write enumeration({ … }) with a value for each name',
  ]);
});
