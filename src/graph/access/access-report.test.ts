import { buildSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { leafRequirements } from '../directives/authorization/input-parts.ts';
import { InputRequirements } from '../directives/authorization/input-requirements.ts';
import { requirementsOf } from '../directives/authorization/requirements.ts';
import { DIRECTIVE_DEFINITIONS } from '../directives/definitions.ts';
import { accessChanges } from './access-changes.ts';
import { accessReport } from './access-report.ts';
import { accessTable } from './access-table.ts';
import { accessText } from './alternatives.ts';

const reportOf = (sdl: string) => {
  const documents = [{ module: 'shop', document: parse(sdl) }];
  const inputs = new InputRequirements(documents, leafRequirements(documents));
  const authorization = { requirements: requirementsOf(documents), inputs, policies: new Map() };
  return accessReport(buildSchema(`${DIRECTIVE_DEFINITIONS} ${sdl}`), authorization);
};

const linesOf = (sdl: string): readonly string[] =>
  reportOf(sdl).map(
    ({ at, access, bypassed }) => `${at} ${accessText(access)}${bypassed === null ? '' : ` !${bypassed}`}`,
  );

const TYPE = 'type Item { id: ID  inner: Inner } type Inner { a: Int }';
const SCOPE = (name: string) => `@requiresScopes(scopes: [["${name}"]])`;

describe('access to a field', () => {
  test('follows from all fields on the way to it', () => {
    expect(
      linesOf(`type Query { item: Item @authenticated } ${TYPE.replace('inner: Inner', `inner: Inner ${SCOPE('s')}`)}`),
    ).toEqual(['Query.item signed in', 'Item.id signed in', 'Item.inner scope s', 'Inner.a scope s']);
  });

  test('is that of its most open path, and names the field that does not protect it', () => {
    expect(linesOf(`type Query { mine: Item @authenticated  item: Item } ${TYPE}`)).toEqual([
      'Query.mine signed in',
      'Query.item everyone',
      'Item.id everyone !Query.mine',
      'Item.inner everyone !Query.mine',
      'Inner.a everyone',
    ]);
  });

  test('is by any of several paths, without what another path implies', () => {
    const sdl = `type Query { a: Item ${SCOPE('s')}  b: Item @policy(policies: [["role:r"], ["p"]])  c: Item ${SCOPE('s')} } ${TYPE}`;
    expect(linesOf(sdl).at(-1)).toBe('Inner.a policy p of shop, or scope s, or role r');
    expect(linesOf(`type Query { a: Item ${SCOPE('s')}  b: Item @authenticated } ${TYPE}`).at(-1)).toBe(
      'Inner.a signed in',
    );
  });

  test('is protected by its type, through interfaces, unions and cycles', () => {
    const sdl = `type Query { any: Any  named: Named } union Any = A | B interface Named { id: ID }
      type A implements Named @authenticated { id: ID  b: B } type B implements Named { id: ID  a: A  self: B ${SCOPE('s')} }`;
    expect(linesOf(sdl)).toEqual([
      'Query.any everyone',
      'Query.named everyone',
      'A.id signed in',
      'A.b signed in',
      'B.id everyone !A.b',
      'B.a everyone !A.b',
      'B.self scope s',
    ]);
  });

  test('of many alternatives is summed up by what they have in common', () => {
    const fields = Array.from({ length: 40 }, (_, at) => `f${at}: Item ${SCOPE(`s${at}`)}`).join(' ');
    expect(linesOf(`type Query { ${fields} } ${TYPE}`).at(-1)).toMatch(
      /^Inner\.a one of 33 alternatives \(\w{12}\) and signed in$/,
    );
  });
});

test('arguments and input fields have the access of their field and their own requirements', () => {
  const sdl = `type Query { find(by: In, all: Boolean ${SCOPE('s')}): Int @authenticated } input In { a: Int  b: Int ${SCOPE('t')} }`;
  expect(linesOf(sdl)).toEqual([
    'Query.find signed in',
    'Query.find(by:) signed in',
    'Query.find(all:) scope s',
    'In.a everyone',
    'In.b scope t',
  ]);
  expect(
    accessTable(reportOf(sdl))
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)),
  ).toEqual([
    ['field', 'who', 'reached by'],
    ['Query.find', 'signed in'],
    ['Query.find(all:)', 'scope s'],
    ['In.b', 'scope t'],
  ]);
});

test('fields with the same access and path share a line of the table', () => {
  expect(
    accessTable(reportOf(`type Query { item: Item } ${TYPE}`))
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['field', 'who', 'reached by'],
    ['Query.item', 'everyone'],
    ['Item.{id, inner}', 'everyone', 'Query.item'],
    ['Inner.a', 'everyone', 'Query.item > inner'],
  ]);
});

describe('a change', () => {
  const query = (words: string) => reportOf(`type Query { a: Int ${words} }`);
  const is = (before: string, after: string) => accessChanges(query(before), query(after)).map((one) => one.is);

  test.each([
    ['@authenticated', ''],
    [SCOPE('s'), '@authenticated'],
    [SCOPE('s'), SCOPE('t')],
    ['@policy(policies: [["p"]])', '@policy(policies: [["p"], ["q"]])'],
    [`@authenticated ${SCOPE('s')} @policy(policies: [["p"]])`, '@policy(policies: [["p"]])'],
    ['@requiresScopes(scopes: [["a", "b"]])', SCOPE('a')],
  ])('from %j to %j widens access, and the reverse narrows it or is another widening', (before, after) => {
    expect(is(before, after)).toEqual(['widened']);
    expect(is(after, before)).toEqual([before === SCOPE('s') && after === SCOPE('t') ? 'widened' : 'narrowed']);
  });

  test('of more alternatives than are kept is found, and counts as widened unless it is certain', () => {
    const roles = (count: number, first = 0) =>
      `@policy(policies: [${Array.from({ length: count }, (_, at) => `["role:r${first + at}"]`).join()}])`;
    expect(is(roles(33), '@authenticated')).toEqual(['widened']);
    expect(is('@authenticated', roles(33))).toEqual(['narrowed']);
    expect(is(roles(33), roles(34))).toEqual(['widened']);
    expect(is(roles(33), roles(33, 1))).toEqual(['widened']);
    expect(is(roles(32), roles(33))).toEqual(['widened']);
    expect(is(roles(33), roles(33))).toEqual([]);
    expect(is(roles(33), `${SCOPE('s')} ${roles(33)}`)).toEqual(['narrowed']);
  });

  test('of words that mean the same is none', () => {
    expect(is(SCOPE('s'), `@authenticated ${SCOPE('s')}`)).toEqual([]);
  });

  test('of another path widens access to the fields behind it', () => {
    const before = reportOf(`type Query { mine: Item @authenticated } ${TYPE}`);
    const after = reportOf(`type Query { mine: Item @authenticated  item: Item } ${TYPE}`);
    expect(accessChanges(before, after).map(({ at, is }) => `${at} ${is}`)).toEqual([
      'Query.item added',
      'Item.id widened',
      'Item.inner widened',
      'Inner.a widened',
    ]);
  });

  test('of the requirement of an argument or input field is found', () => {
    const of = (word: string) => reportOf(`type Query { a(b: In ${word}): Int } input In { c: Int ${word} }`);
    expect(accessChanges(of('@authenticated'), of('')).map(({ at, is }) => `${at} ${is}`)).toEqual([
      'Query.a(b:) widened',
      'In.c widened',
    ]);
    expect(accessChanges(of(''), reportOf('type Query { a: Int }')).map(({ is }) => is)).toEqual([
      'removed',
      'removed',
    ]);
  });
});
