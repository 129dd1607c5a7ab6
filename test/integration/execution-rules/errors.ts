import { fail, later, type Rule } from './rule.ts';

const SDL = `type Query { may: Node  must: Node!  list: [Node]  strict: [Node!]  mustList: [Node]!  strictest: [Node!]!  lists: [[Node!]]
  strictLists: [[Int!]!]  nested: [[[Int]!]]! }
type Node { v: Int  bad: Int  mustBad: Int!  mustNull: Int!  mustLate: Int!  may: Node  must: Node!  list: [Node]  strict: [Node!]  strictest: [Node!]! }`;

const node = {};
const rows = () => [node, node];

const resolvers: Rule['resolvers'] = () => ({
  Query: {
    may: () => node,
    must: () => node,
    list: rows,
    strict: rows,
    mustList: rows,
    strictest: rows,
    lists: () => [[node], [node, node]],
    strictLists: () => [[1], [2, null]],
    nested: () => [[[1, 'x']], [null, [2]], null],
  },
  Node: {
    v: () => 1,
    bad: fail,
    mustBad: fail,
    mustNull: () => null,
    mustLate: () => later(null),
    may: () => node,
    must: () => node,
    list: rows,
    strict: rows,
    strictest: rows,
  },
});

const failing = (sentence: string, document: string, data: unknown, errors: readonly string[]): Rule => ({
  title: `6.4.4 Handling Field Errors: ${sentence}`,
  sdl: SDL,
  resolvers,
  document,
  data,
  errors,
});

/** 6.4.4 */
export const ERRORS: readonly Rule[] = [
  failing(
    'a failing nullable field is null, and its siblings stay',
    '{ may { v bad w: v } }',
    { may: { v: 1, bad: null, w: 1 } },
    ['may.bad'],
  ),
  failing('a field that may not be null nulls the field around it', '{ may { v mustBad } }', { may: null }, [
    'may.mustBad',
  ]),
  failing('null is an error where it may not be', '{ may { v mustNull } }', { may: null }, ['may.mustNull']),
  failing('null is an error where it may not be, also when it comes late', '{ may { v mustLate } }', { may: null }, [
    'may.mustLate',
  ]),
  failing('what surrounds a null that went up stays', '{ may { v may { mustBad } } }', { may: { v: 1, may: null } }, [
    'may.may.mustBad',
  ]),
  failing(
    'null propagates to the nearest nullable field',
    '{ may { may { must { must { mustBad } } } } }',
    { may: { may: null } },
    ['may.may.must.must.mustBad'],
  ),
  failing('it goes up to the data where no field on the way may be null', '{ must { must { mustBad } } }', null, [
    'must.must.mustBad',
  ]),
  failing('an error below the data leaves it', '{ must { bad must { v } } }', { must: { bad: null, must: { v: 1 } } }, [
    'must.bad',
  ]),
  failing('an item that may be null is null', '{ list { mustBad } }', { list: [null, null] }, [
    'list.0.mustBad',
    'list.1.mustBad',
  ]),
  {
    ...failing(
      'a failing non-null item nulls its list',
      '{ may { strict { mustBad } v } }',
      { may: { strict: null, v: 1 } },
      ['may.strict.0.mustBad'],
    ),
    orErrors: [['may.strict.0.mustBad', 'may.strict.1.mustBad'], ['may.strict.1.mustBad']],
  },
  failing('an item of a list that may not be null may be', '{ mustList { mustBad } }', { mustList: [null, null] }, [
    'mustList.0.mustBad',
    'mustList.1.mustBad',
  ]),
  {
    ...failing(
      'a failing non-null item of a non-null list nulls the enclosing object',
      '{ may { strictest { mustBad } } }',
      { may: null },
      ['may.strictest.0.mustBad'],
    ),
    orErrors: [['may.strictest.0.mustBad', 'may.strictest.1.mustBad'], ['may.strictest.1.mustBad']],
  },
  {
    ...failing('through lists it goes up to the data as well', '{ strictest { mustLate } }', null, [
      'strictest.0.mustLate',
    ]),
    orErrors: [['strictest.0.mustLate', 'strictest.1.mustLate'], ['strictest.1.mustLate']],
  },
  {
    ...failing(
      'null propagates to the nearest nullable list of a nested list',
      '{ lists { mustBad } }',
      { lists: [null, null] },
      ['lists.0.0.mustBad', 'lists.1.0.mustBad'],
    ),
    orErrors: [
      ['lists.0.0.mustBad', 'lists.1.0.mustBad', 'lists.1.1.mustBad'],
      ['lists.0.0.mustBad', 'lists.1.1.mustBad'],
    ],
  },
  failing('lists within lists that may not be null are passed through', '{ strictLists }', { strictLists: null }, [
    'strictLists.1.1',
  ]),
  failing('each level of lists is decided for itself', '{ nested }', { nested: [[[1, null]], null, null] }, [
    'nested.0.0.1',
    'nested.1.0',
  ]),
  {
    ...failing(
      'at least one error is reported of several fields that null one object',
      '{ may { mustBad mustNull mustLate } v: may { v } }',
      { may: null, v: { v: 1 } },
      ['may.mustBad'],
    ),
    orErrors: [
      ['may.mustNull'],
      ['may.mustLate'],
      ['may.mustBad', 'may.mustNull'],
      ['may.mustBad', 'may.mustLate'],
      ['may.mustLate', 'may.mustNull'],
      ['may.mustBad', 'may.mustLate', 'may.mustNull'],
    ],
  },
  failing(
    'a field selected several times has one error',
    '{ may { bad bad ...F } may { bad } } fragment F on Node { bad }',
    { may: { bad: null } },
    ['may.bad'],
  ),
  failing(
    'each failing field has its own error',
    '{ one: may { bad } two: may { may { bad } } }',
    { one: { bad: null }, two: { may: { bad: null } } },
    ['one.bad', 'two.may.bad'],
  ),
  failing(
    'a path has aliases and list indexes',
    '{ x: list { y: list { z: bad } } }',
    {
      x: [{ y: [{ z: null }, { z: null }] }, { y: [{ z: null }, { z: null }] }],
    },
    ['x.0.y.0.z', 'x.0.y.1.z', 'x.1.y.0.z', 'x.1.y.1.z'],
  ),
  failing(
    'an alias may stand for a field that fails and one that does not',
    '{ may { v: bad bad: v } }',
    { may: { v: null, bad: 1 } },
    ['may.v'],
  ),
  failing(
    'an error has the location of every selection of the field',
    `{
      may { bad }
      ... { may { v ...F } }
    }
    fragment F on Node {
      bad
    }`,
    { may: { bad: null, v: 1 } },
    ['may.bad'],
  ),
  failing(
    'siblings of a field that nulled its object are not in the data',
    '{ a: may { v mustBad } b: may { v } }',
    { a: null, b: { v: 1 } },
    ['a.mustBad'],
  ),
];
