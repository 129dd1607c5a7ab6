import { fail, later, type Rule } from './rule.ts';

const SDL = `type Query { list: [Int]  strict: [Int!]  lists: [[Int]]  rows: [Row] }
type Row { v: Int }`;

const completed = (
  sentence: string,
  field: string,
  make: () => unknown,
  expected: unknown,
  errors: readonly string[] = [],
): Rule => ({
  title: `6.4.3 Value Completion: ${sentence}`,
  sdl: SDL,
  resolvers: () => ({ Query: { [field]: make } }),
  document: `{ ${field} ${field === 'rows' ? '{ v }' : ''} }`,
  data: { [field]: expected },
  errors,
});

function* generated() {
  yield 1;
  yield null;
  yield later(2);
}

function* breaking() {
  yield 1;
  fail();
}

/** 6.4.3: lists */
export const LISTS: readonly Rule[] = [
  completed('a list is completed item by item', 'list', () => [1, null, undefined, 2], [1, null, null, 2]),
  completed('a list may be empty', 'list', () => [], []),
  completed('a list may be null', 'list', () => null, null),
  completed('a list may be a promise', 'list', () => later([1]), [1]),
  completed('items may be promises, and keep their index', 'list', () => [later(later(1)), 2, later(3)], [1, 2, 3]),
  completed('a list may have holes', 'list', () => Object.assign(new Array(3), { 1: 5 }), [null, 5, null]),
  completed('a list may be a Set', 'list', () => new Set([3, 1]), [3, 1]),
  completed('a list may be the values of a Map', 'list', () => new Map([['a', 1]]).values(), [1]),
  completed('a list may be generated', 'list', generated, [1, null, 2]),
  completed('a list may be typed numbers', 'list', () => new Uint8Array([1, 2]), [1, 2]),
  completed('a generator that fails fails its list', 'list', breaking, null, ['list']),
  completed('an object that is no collection is a field error', 'list', () => ({ 0: 1, length: 1 }), null, ['list']),
  completed('a number is no collection', 'list', () => 1, null, ['list']),
  completed('text is no collection', 'list', () => 'ab', null, ['list']),
  completed(
    'an item of the wrong type is a separate field error',
    'list',
    () => [1, 'b', 2, 1.5],
    [1, null, 2, null],
    ['list.1', 'list.3'],
  ),
  completed('an item may be an Error', 'list', () => [1, new Error('one of them')], [1, null], ['list.1']),
  completed('an item may be rejected', 'list', () => [later(null).then(fail), 1], [null, 1], ['list.0']),
  completed('an item that is a list where none is expected is a field error', 'list', () => [[1]], [null], ['list.0']),

  completed('lists within lists are completed list by list', 'lists', () => [[1, null], null, [], later([2])], [
    [1, null],
    null,
    [],
    [2],
  ]),
  completed('lists within lists may be anything iterable', 'lists', () => new Set([new Set([1])]), [[1]]),
  completed(
    'an item that is not a list in a nested list is a field error',
    'lists',
    () => [[1], 2],
    [[1], null],
    ['lists.1'],
  ),
  completed(
    'an error of a nested item has both indexes',
    'lists',
    () => [[1], [2, 'x']],
    [[1], [2, null]],
    ['lists.1.1'],
  ),

  completed(
    'each object in a list is completed',
    'rows',
    () => [{ v: 1 }, null, later({ v: 2 }), { v: 'x' }],
    [{ v: 1 }, null, { v: 2 }, { v: null }],
    ['rows.3.v'],
  ),
  completed('one object may be in a list twice', 'rows', () => new Array(2).fill({ v: 1 }), [{ v: 1 }, { v: 1 }]),
  completed('an object for a list of objects is a field error', 'rows', () => ({ v: 1 }), null, ['rows']),

  completed('items that may not be null are like others where none is', 'strict', () => [1, later(2)], [1, 2]),
  completed('an item that may not be null, and is, nulls the list', 'strict', () => [1, null], null, ['strict.1']),
  completed('an item that may not be null, and is later, nulls the list', 'strict', () => [1, later(undefined)], null, [
    'strict.1',
  ]),
  completed('an item that may not be null, and fails, nulls the list', 'strict', () => [later(null).then(fail)], null, [
    'strict.0',
  ]),
  completed('an item that may not be null, and is of the wrong kind, nulls the list', 'strict', () => ['a'], null, [
    'strict.0',
  ]),
];
