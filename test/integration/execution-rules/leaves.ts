import { enumeration, scalar } from 'tributary/backend';
import { fail, type Rule } from './rule.ts';

const SDL = `type Query { int: Int  float: Float  text: String  flag: Boolean  id: ID  kind: Kind  size: Size  odd: Odd  any: Any }
enum Kind { SMALL LARGE }
enum Size { S L }
scalar Odd
scalar Any`;

const Odd = scalar({
  parse: (value) => value,
  serialize: (value: unknown) => (typeof value === 'number' && value % 2 === 1 ? value : fail()),
});
const Any = scalar({ parse: (value) => value, serialize: (value: unknown) => value });
const Size = enumeration({ S: 0, L: 1 });

const completed = (sentence: string, field: string, value: unknown, expected: unknown): Rule => ({
  title: `6.4.3 Value Completion: ${sentence}`,
  sdl: SDL,
  resolvers: () => ({ Odd, Any, Size, Query: { [field]: () => value } }),
  document: `{ ${field} }`,
  data: { [field]: expected },
});

const invalid = (sentence: string, field: string, value: unknown): Rule => ({
  ...completed(`${sentence} is a field error`, field, value, null),
  errors: [field],
});

/** 6.4.3: leaf values, with the result coercion of each type in section 3 */
export const LEAVES: readonly Rule[] = [
  completed('null is null', 'int', null, null),
  completed('nothing is null', 'int', undefined, null),

  completed('an Int is a whole number', 'int', -7, -7),
  completed('an Int may be 0', 'int', 0, 0),
  completed('an Int is at most 2^31-1', 'int', 2147483647, 2147483647),
  completed('an Int is at least -2^31', 'int', -2147483648, -2147483648),
  invalid('an Int of more than 2^31-1', 'int', 2147483648),
  invalid('an Int of less than -2^31', 'int', -2147483649),
  invalid('an Int with a fraction', 'int', 1.5),
  invalid('an Int that is NaN', 'int', Number.NaN),
  invalid('an Int that is infinite', 'int', Number.POSITIVE_INFINITY),
  completed('an Int may be made of text without losing anything', 'int', '12', 12),
  invalid('an Int of text that is no number', 'int', 'twelve'),
  invalid('an Int of empty text', 'int', ''),
  completed('an Int may be made of a boolean', 'int', true, 1),
  invalid('an Int of an object', 'int', { v: 1 }),
  invalid('an Int of a list', 'int', [1]),

  completed('a Float may have a fraction', 'float', 1.5, 1.5),
  completed('a Float may be a whole number', 'float', 2 ** 40, 2 ** 40),
  invalid('a Float that is NaN', 'float', Number.NaN),
  invalid('a Float that is infinite', 'float', Number.NEGATIVE_INFINITY),
  completed('a Float may be made of text without losing anything', 'float', '1.5', 1.5),
  invalid('a Float of empty text', 'float', ''),
  invalid('a Float of text that is no number', 'float', '1,5'),
  completed('a Float may be made of a boolean', 'float', false, 0),

  completed('a String is text', 'text', 'é"\n', 'é"\n'),
  completed('a String may be empty', 'text', '', ''),
  completed('a String may be made of a number', 'text', 1.5, '1.5'),
  completed('a String may be made of a boolean', 'text', false, 'false'),
  completed('a String may be made of what has a value', 'text', new Date(0), '0'),
  invalid('a String that is NaN', 'text', Number.NaN),
  invalid('a String of an object', 'text', { a: 1 }),
  invalid('a String of a list', 'text', ['a']),
  invalid('a String of a symbol', 'text', Symbol('a')),

  completed('a Boolean is true or false', 'flag', false, false),
  completed('a Boolean may be made of a number', 'flag', 2, true),
  completed('a Boolean may be made of 0', 'flag', 0, false),
  invalid('a Boolean that is NaN', 'flag', Number.NaN),
  invalid('a Boolean of text', 'flag', 'true'),
  invalid('a Boolean of an object', 'flag', {}),

  completed('an ID is text', 'id', 'a', 'a'),
  completed('an ID may be made of a whole number', 'id', 4, '4'),
  invalid('an ID of a number with a fraction', 'id', 4.5),
  invalid('an ID of a boolean', 'id', true),
  invalid('an ID of a list', 'id', ['a']),

  completed('an enum is one of its names', 'kind', 'SMALL', 'SMALL'),
  invalid('an enum that is none of its names', 'kind', 'small'),
  invalid('an enum of a number', 'kind', 0),
  invalid('an enum of an object', 'kind', {}),
  completed('an enum with internal values is the name of one', 'size', 0, 'S'),
  invalid('an enum with internal values, of a name', 'size', 'S'),
  invalid('an enum with internal values, of another value', 'size', 2),

  completed('a scalar is what it makes of the value', 'odd', 3, 3),
  invalid('a scalar that refuses the value', 'odd', 2),
  completed(
    'a scalar may be an object, which is returned as it is',
    'any',
    { b: [1, { a: null }], a: 1 },
    { b: [1, { a: null }], a: 1 },
  ),
  completed('a scalar may be a list', 'any', [1, [2]], [1, [2]]),
  completed('null is not passed to serialize', 'odd', null, null),
  {
    ...invalid('a scalar that makes null of a value', 'none', 1),
    sdl: 'type Query { none: None } scalar None',
    resolvers: () => ({ None: scalar({ parse: Number, serialize: () => null }), Query: { none: () => 1 } }),
  },
];
