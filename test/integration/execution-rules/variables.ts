import { scalar } from 'tributary/backend';
import { echo, fail, type Rule } from './rule.ts';

const SDL = `type Query {
  echo(int: Int, float: Float, text: String, flag: Boolean, id: ID, kind: Kind, even: Even,
    list: [Int], strict: [Int!], lists: [[Int]], by: By): String
}
enum Kind { SMALL LARGE }
scalar Even
input By { must: Int!  may: Int  has: Int! = 3  kind: Kind = LARGE  list: [Int!]  by: By }`;

const Even = scalar({
  parse: (value) => (typeof value === 'number' && value % 2 === 0 ? value : fail()),
  serialize: (value: number) => value,
});

const resolvers: Rule['resolvers'] = (note) => ({
  Even,
  Query: {
    echo: (root, args) => {
      note('echo');
      return echo(root, args);
    },
  },
});

const asking = (type: string, arg: string) => ({
  sdl: SDL,
  resolvers,
  document: `query ($v: ${type}) { echo(${arg}: $v) }`,
});

/** The argument value that a variable of this type becomes. */
const coerced = (sentence: string, type: string, arg: string, given: unknown, as: unknown): Rule => ({
  title: `6.1.2 Coercing Variable Values: ${sentence}`,
  ...asking(type, arg),
  variables: { v: given },
  data: { echo: JSON.stringify({ [arg]: as }) },
  calls: ['echo'],
});

const refused = (sentence: string, type: string, arg: string, given: unknown): Rule => ({
  title: `6.1.2 Coercing Variable Values: ${sentence} is a request error, and nothing is executed`,
  ...asking(type, arg),
  variables: { v: given },
  errors: ['request'],
  calls: [],
});

/** 6.1.2, with the input coercion of each type in section 3 */
export const VARIABLES: readonly Rule[] = [
  {
    title: '6.1.2 Coercing Variable Values: without a value, a default is the value',
    ...asking('Int = 5', 'int'),
    data: { echo: '{"int":5}' },
  },
  {
    title: '6.1.2 Coercing Variable Values: without a value, a default is coerced like a literal',
    ...asking('[Int] = 5', 'list'),
    data: { echo: '{"list":[5]}' },
  },
  {
    title: '6.1.2 Coercing Variable Values: a default of null is a value',
    ...asking('Int = null', 'int'),
    data: { echo: '{"int":null}' },
  },
  {
    title: '6.1.2 Coercing Variable Values: without a value or a default there is no entry',
    ...asking('Int', 'int'),
    data: { echo: '{}' },
  },
  {
    title: '6.1.2 Coercing Variable Values: a non-null variable without a value is a request error',
    ...asking('Int!', 'int'),
    errors: ['request'],
    calls: [],
  },
  {
    title: '6.1.2 Coercing Variable Values: a non-null variable with a default needs no value',
    ...asking('Int! = 5', 'int'),
    data: { echo: '{"int":5}' },
  },
  {
    title: '6.1.2 Coercing Variable Values: undeclared variables are ignored',
    ...asking('Int', 'int'),
    variables: { v: 1, w: 'x' },
    data: { echo: '{"int":1}' },
  },
  {
    title: '6.1.2 Coercing Variable Values: each invalid value is an error',
    sdl: SDL,
    resolvers,
    document: 'query ($a: Int!, $b: Int, $c: Int = 1) { echo(int: $a, list: [$b, $c]) }',
    variables: { b: 'x', c: 'y' },
    errors: ['request', 'request', 'request'],
    calls: [],
  },
  coerced('a value wins over the default', 'Int = 5', 'int', 6, 6),
  coerced('null wins over the default', 'Int = 5', 'int', null, null),
  coerced('null is a value where it is allowed', 'Int', 'int', null, null),
  refused('null where it is not allowed', 'Int!', 'int', null),
  refused('null where it is not allowed, though there is a default,', 'Int! = 5', 'int', null),

  coerced('an Int is a whole number', 'Int', 'int', -7, -7),
  coerced('an Int may be written as 1.0', 'Int', 'int', JSON.parse('1.0'), 1),
  coerced('an Int is at most 2^31-1', 'Int', 'int', 2147483647, 2147483647),
  refused('an Int of more than 2^31-1', 'Int', 'int', 2147483648),
  refused('an Int of less than -2^31', 'Int', 'int', -2147483649),
  refused('an Int with a fraction', 'Int', 'int', 1.5),
  refused('an Int as text', 'Int', 'int', '1'),
  refused('an Int as a boolean', 'Int', 'int', true),
  coerced('a Float may be a whole number', 'Float', 'float', 1, 1),
  coerced('a Float may have a fraction', 'Float', 'float', -1.5e3, -1500),
  refused('a Float as text', 'Float', 'float', '1.5'),
  coerced('a String is text', 'String', 'text', 'é"\n', 'é"\n'),
  refused('a String as a number', 'String', 'text', 1),
  refused('a String as a boolean', 'String', 'text', true),
  refused('a String as a list', 'String', 'text', ['a']),
  coerced('a Boolean is true or false', 'Boolean', 'flag', false, false),
  refused('a Boolean as a number', 'Boolean', 'flag', 1),
  refused('a Boolean as text', 'Boolean', 'flag', 'true'),
  coerced('an ID may be text', 'ID', 'id', '4', '4'),
  coerced('an ID may be a whole number', 'ID', 'id', 4, '4'),
  refused('an ID with a fraction', 'ID', 'id', 4.5),
  refused('an ID as a boolean', 'ID', 'id', true),
  coerced('an enum is one of its names', 'Kind', 'kind', 'SMALL', 'SMALL'),
  refused('an enum that is none of its names', 'Kind', 'kind', 'small'),
  refused('an enum as a number', 'Kind', 'kind', 0),
  coerced('a scalar is what it makes of the value', 'Even', 'even', 4, 4),
  refused('a scalar that refuses the value', 'Even', 'even', 3),

  coerced('a list is coerced item by item', '[Int]', 'list', [1, null, 2], [1, null, 2]),
  coerced('an empty list is a list', '[Int]', 'list', [], []),
  coerced('a list of one may be written as its item', '[Int]', 'list', 1, [1]),
  coerced('a list of lists may be written as the item of the innermost', '[[Int]]', 'lists', 1, [[1]]),
  coerced('null is no list of one', '[Int]', 'list', null, null),
  coerced('lists of lists are coerced list by list', '[[Int]]', 'lists', [[1], null, []], [[1], null, []]),
  refused('a list with one wrong item', '[Int]', 'list', [1, 'b']),
  refused('a list of lists with null where a list may not be', '[[Int!]!]', 'lists', [1, null]),
  refused('a list with null where its items may not be', '[Int!]', 'strict', [1, null]),

  coerced(
    'fields of an input that are absent have their defaults',
    'By',
    'by',
    { must: 1 },
    { must: 1, has: 3, kind: 'LARGE' },
  ),
  coerced(
    'fields of an input override their defaults, null too',
    'By',
    'by',
    { must: 1, may: null, has: 4, kind: null },
    { must: 1, may: null, has: 4, kind: null },
  ),
  coerced(
    'an input within an input is coerced as well',
    'By',
    'by',
    { must: 1, list: 2, by: { must: 3 } },
    { must: 1, has: 3, kind: 'LARGE', list: [2], by: { must: 3, has: 3, kind: 'LARGE' } },
  ),
  refused('an input without a field that it must have', 'By', 'by', { may: 1 }),
  refused('an input with null for a field that it must have', 'By', 'by', { must: null }),
  refused('an input with null for a field that has a default and may not be null', 'By', 'by', { must: 1, has: null }),
  refused('an input with a field that is not defined', 'By', 'by', { must: 1, more: 1 }),
  refused('an input with a wrong value deep inside', 'By', 'by', { must: 1, by: { must: 1, list: [1, '2'] } }),
  refused('an input as text', 'By', 'by', 'must'),
  refused('an input as a list', 'By', 'by', [{ must: 1 }]),
];
