import { expect, test } from 'vitest';
import { enumeration } from '../../backend/enumeration.ts';
import { wrongResolvers } from './resolvers.ts';
import { lines, reading } from './test-module.ts';

const SDL = `type Query { ok: Boolean }
enum State { PACKED SENT }
extend enum State { LOST }`;

// biome-ignore lint/suspicious/noExplicitAny: whoever writes JavaScript has no types to help.
type Untyped = any;

const told = (name: string, values: Untyped, sdl = SDL) =>
  lines(wrongResolvers(reading('a', sdl, { resolvers: { [name]: enumeration(values) } })));

test('an enum whose every name has a value of its own is right, whatever kind the values are of', () => {
  expect(told('State', { PACKED: 0, SENT: 1, LOST: -1 })).toEqual([]);
  expect(told('State', { PACKED: 'p', SENT: true, LOST: 2n })).toEqual([]);
  expect(told('State', { PACKED: 1, SENT: '1', LOST: true })).toEqual([]);
});

test.each([
  ['a name', 'State', { PACKED: 0, LOST: 1 }, 'the enumeration State lacks SENT: give every name an internal value'],
  [
    'every name',
    'State',
    undefined,
    'the enumeration State lacks LOST, PACKED and SENT: give every name an internal value',
  ],
])('an enum that lacks %s is refused', (_what, name, values, line) => {
  expect(told(name, values)).toEqual([`a/index.ts: ${line}`]);
});

test.each([
  [
    'a name that the SDL lacks',
    'State',
    { PACKED: 0, SENT: 1, LOST: 2, FOUND: 3 },
    'the enumeration State has FOUND, a name that the SDL lacks: correct the name, or add it to the enum',
  ],
  [
    'one value for two names',
    'State',
    { PACKED: 0, SENT: 1, LOST: 0 },
    'PACKED and LOST of State have the same internal value, 0: give each a value of its own',
  ],
  [
    'a value that says that there is none',
    'State',
    { PACKED: 0, SENT: null, LOST: 1 },
    'State.SENT has no internal value: write a text, a number or a boolean',
  ],
  [
    'a value that is never equal to another',
    'State',
    { PACKED: 0, SENT: { code: 1 }, LOST: 1 },
    'State.SENT has no internal value: write a text, a number or a boolean',
  ],
  [
    'an enum that the SDL lacks',
    'Stat',
    { PACKED: 0 },
    'resolvers has an enumeration Stat, which the SDL lacks: write `enum Stat { … }` in the SDL, or take it away',
  ],
  [
    'a type that is no enum',
    'Query',
    { ok: 1 },
    'resolvers has an enumeration Query, which the SDL defines otherwise: write `enum Query { … }` in the SDL, or take it away',
  ],
])('an enumeration cannot have %s', (_what, name, values, line) => {
  expect(told(name, values)).toEqual([`a/index.ts: ${line}`]);
});

test('where the SDL cannot be read its names are not missed, but values are', () => {
  expect(told('State', { PACKED: 0, SENT: 0 }, 'enum')).toEqual([
    'a/index.ts: PACKED and SENT of State have the same internal value, 0: give each a value of its own',
  ]);
});

test('values that are not marked as an enumeration are refused with the word for it', () => {
  const resolvers: Untyped = { State: { PACKED: 0 } };
  expect(lines(wrongResolvers(reading('a', SDL, { resolvers })))).toEqual([
    'a/index.ts: resolvers has fields for State, which is no object type: write enumeration({ … }) with a value for each name',
  ]);
});
