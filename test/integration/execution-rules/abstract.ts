import { later, type Rule } from './rule.ts';

const SDL = `type Query { pet: Pet  pets: [Pet]  any: Any  mustHave: [Pet!] }
interface Pet { name: String }
type Dog implements Pet { name: String  barks: Boolean  friend: Pet }
type Cat implements Pet { name: String  lives: Int }
type Tree { height: Int }
union Any = Cat | Tree`;

const OF_A_PET = 'name ... on Dog { barks friend { name } }';
const OF_ANY = '... on Pet { name } ... on Tree { height }';

const completed = (
  sentence: string,
  field: string,
  make: () => unknown,
  expected: unknown,
  errors: readonly string[] = [],
): Rule => ({
  title: `6.4.3 ResolveAbstractType: ${sentence}`,
  sdl: SDL,
  resolvers: () => ({ Query: { [field]: make } }),
  document: `{ ${field} { __typename ${field === 'any' ? OF_ANY : OF_A_PET} } }`,
  data: { [field]: expected },
  errors,
});

/** 6.4.3: objects, interfaces and unions */
export const ABSTRACT: readonly Rule[] = [
  completed('an interface is the object type that its value says', 'pet', () => ({ __typename: 'Cat', name: 'Tom' }), {
    __typename: 'Cat',
    name: 'Tom',
  }),
  completed('a union is the object type that its value says', 'any', () => ({ __typename: 'Tree', height: 3 }), {
    __typename: 'Tree',
    height: 3,
  }),
  completed('a value may come later', 'any', () => later({ __typename: 'Tree', height: 3 }), {
    __typename: 'Tree',
    height: 3,
  }),
  completed('null is null', 'pet', () => null, null),
  completed(
    'each item of a list determines its own type',
    'pets',
    () => [{ __typename: 'Dog', name: 'Rex', barks: true }, null, later({ __typename: 'Cat', name: 'Tom' })],
    [{ __typename: 'Dog', name: 'Rex', barks: true, friend: null }, null, { __typename: 'Cat', name: 'Tom' }],
  ),
  completed(
    'an interface may be within another',
    'pet',
    () => ({ __typename: 'Dog', name: 'Rex', barks: false, friend: { __typename: 'Cat', name: 'Tom' } }),
    { __typename: 'Dog', name: 'Rex', barks: false, friend: { name: 'Tom' } },
  ),
  completed('a value that does not say is a field error', 'pet', () => ({ name: 'Tom' }), null, ['pet']),
  completed('a type that does not exist is a field error', 'pet', () => ({ __typename: 'Cow', name: 'Tom' }), null, [
    'pet',
  ]),
  completed(
    'a type that does not implement the interface is a field error',
    'pet',
    () => ({ __typename: 'Tree' }),
    null,
    ['pet'],
  ),
  completed(
    'a type that is not in the union is a field error',
    'any',
    () => ({ __typename: 'Dog', name: 'Rex' }),
    null,
    ['any'],
  ),
  completed('an interface is no object type', 'pet', () => ({ __typename: 'Pet', name: 'Tom' }), null, ['pet']),
  completed('a scalar is no object type', 'any', () => ({ __typename: 'Int' }), null, ['any']),
  completed('a type that is no text is a field error', 'any', () => ({ __typename: 1 }), null, ['any']),
  completed(
    'an item of unknown type affects no other item',
    'pets',
    () => [{ __typename: 'Cow' }, { __typename: 'Cat', name: 'Tom' }],
    [null, { __typename: 'Cat', name: 'Tom' }],
    ['pets.0'],
  ),
  completed(
    'an item of unknown type nulls a list of non-null items',
    'mustHave',
    () => [{ __typename: 'Cat', name: 'Tom' }, {}],
    null,
    ['mustHave.1'],
  ),
  completed('what an object is, is not read from its own fields', 'pet', () => ({ __typename: 'Cat', name: 'Dog' }), {
    __typename: 'Cat',
    name: 'Dog',
  }),
  {
    title: '6.4.3 Value Completion: an object type is determined by the schema, whatever the value contains',
    sdl: SDL.replace('any: Any', 'any: Any  tree: Tree'),
    resolvers: () => ({ Query: { tree: () => ({ __typename: 'Cat', height: 3 }) } }),
    document: '{ tree { __typename height } }',
    data: { tree: { __typename: 'Tree', height: 3 } },
  },
];
