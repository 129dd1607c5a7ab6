import { later, type Rule } from './rule.ts';

const SDL = `type Query { a: Int  b: Int  c: Int  slow: Int  dog: Dog  pet: Pet  pets: [Pet!]  any: [Any] named: Named }
interface Named { name: String }
interface Pet implements Named { name: String  friend: Pet }
type Dog implements Pet & Named { name: String  nick: String  friend: Pet  barks: Boolean  twin: Dog }
type Cat implements Pet & Named { name: String  nick: String  friend: Pet  lives: Int }
type Tree { height: Int }
union Any = Dog | Cat | Tree`;

const cat = { __typename: 'Cat', name: 'Tom', lives: 9 };
const dog = { __typename: 'Dog', name: 'Rex', nick: 'R', barks: true, friend: cat };
const tree = { __typename: 'Tree', height: 3 };

const resolvers: Rule['resolvers'] = (note) => ({
  Query: {
    a: () => {
      note('a');
      return 1;
    },
    b: () => 2,
    c: () => later(3),
    slow: () => later(later(4)),
    dog: () => {
      note('dog');
      return { ...dog, twin: { ...dog, name: 'Max' } };
    },
    pet: () => later(dog),
    pets: () => [dog, cat, later(dog)],
    any: () => [tree, cat, null, dog],
    named: () => cat,
  },
});

const selected = (title: string, document: string, data: Rule['data'], calls?: readonly string[]): Rule => ({
  title,
  sdl: SDL,
  resolvers,
  document,
  data,
  ...(calls === undefined ? {} : { calls }),
});

const ORDER = '6.3 Executing Selection Sets: the result is in the order of the document';
const COLLECT = '6.3.2 CollectFields';
const APPLIES = '6.3.2 DoesFragmentTypeApply';
const MERGE = '6.4.3 MergeSelectionSets';

/** 6.3, and the merging of selection sets in 6.4.3 */
export const SELECTIONS: readonly Rule[] = [
  selected(`${ORDER}, whatever settles first`, '{ slow a c b }', { slow: 4, a: 1, c: 3, b: 2 }),
  selected(`${ORDER}, fragments where they are spread`, '{ c ...F b } fragment F on Query { slow a c }', {
    c: 3,
    slow: 4,
    a: 1,
    b: 2,
  }),
  selected(`${ORDER}, a field where it is first met`, '{ b ... { c b ... on Query { a } } a slow }', {
    b: 2,
    c: 3,
    a: 1,
    slow: 4,
  }),
  selected(`${ORDER}, __typename as well`, '{ a __typename dog { name __typename barks } }', {
    a: 1,
    __typename: 'Query',
    dog: { name: 'Rex', __typename: 'Dog', barks: true },
  }),
  selected(`${ORDER}, not of the alphabet`, '{ z: b y: a x: b }', { z: 2, y: 1, x: 2 }),

  selected(
    `${COLLECT}: the response key is the alias if there is one`,
    '{ x: a b y: a a }',
    { x: 1, b: 2, y: 1, a: 1 },
    ['a', 'a', 'a'],
  ),
  selected(`${COLLECT}: an alias may be the name of another field`, '{ a: b b: a }', { a: 2, b: 1 }),
  selected(
    `${COLLECT}: a field that is selected twice is executed once`,
    '{ a a ... { a } ...F } fragment F on Query { a }',
    { a: 1 },
    ['a'],
  ),
  selected(
    `${COLLECT}: a fragment is visited once`,
    '{ ...F ...F ...G } fragment F on Query { a ...G } fragment G on Query { b }',
    { a: 1, b: 2 },
  ),
  selected(
    `${COLLECT}: __typename may have an alias, at any depth`,
    '{ t: __typename pet { t: __typename ... on Dog { __typename } } }',
    {
      t: 'Query',
      pet: { t: 'Dog', __typename: 'Dog' },
    },
  ),

  selected(`${APPLIES}: an object type is that type alone`, '{ any { ... on Dog { barks } ... on Cat { lives } } }', {
    any: [{}, { lives: 9 }, null, { barks: true }],
  }),
  selected(`${APPLIES}: an interface is what implements it`, '{ any { __typename ... on Pet { name } } }', {
    any: [{ __typename: 'Tree' }, { __typename: 'Cat', name: 'Tom' }, null, { __typename: 'Dog', name: 'Rex' }],
  }),
  selected(`${APPLIES}: a union is what is in it`, '{ pets { ... on Any { ... on Cat { lives } } name } }', {
    pets: [{ name: 'Rex' }, { lives: 9, name: 'Tom' }, { name: 'Rex' }],
  }),
  selected(
    `${APPLIES}: a fragment may narrow an interface and widen it again`,
    '{ named { ... on Cat { ... on Named { name } lives } } }',
    {
      named: { name: 'Tom', lives: 9 },
    },
  ),
  selected(
    `${APPLIES}: named fragments have a type condition too`,
    '{ pets { ...C ...D } } fragment C on Cat { lives } fragment D on Dog { barks }',
    {
      pets: [{ barks: true }, { lives: 9 }, { barks: true }],
    },
  ),
  selected(
    `${APPLIES}: each type has its own order, and may have another field under an alias`,
    '{ pets { ... on Cat { x: name y: nick } ... on Dog { y: name x: nick } } }',
    {
      pets: [
        { y: 'Rex', x: 'R' },
        { x: 'Tom', y: null },
        { y: 'Rex', x: 'R' },
      ],
    },
  ),
  {
    ...selected(
      `${APPLIES}: an alias may be __typename of one type and a field of another`,
      '{ pets { ... on Cat { x: name y: __typename } ... on Dog { y: name x: __typename } } }',
      {
        pets: [
          { y: 'Rex', x: 'Dog' },
          { x: 'Tom', y: 'Cat' },
          { y: 'Rex', x: 'Dog' },
        ],
      },
    ),
    // Delegation mistakes such an alias for the type's name, whatever its type.
    notKeptBy: ['reference'],
  },

  selected(
    `${MERGE}: selections of one field are merged`,
    '{ dog { name } a dog { barks } }',
    { dog: { name: 'Rex', barks: true }, a: 1 },
    ['dog', 'a'],
  ),
  selected(
    `${MERGE}: selections are merged at every depth`,
    '{ dog { twin { name } friend { name } } dog { twin { barks name } twin { twin { name } } } }',
    {
      dog: { twin: { name: 'Max', barks: true, twin: null }, friend: { name: 'Tom' } },
    },
  ),
  selected(
    `${MERGE}: selections from fragments are merged in order`,
    '{ ...F pets { name } } fragment F on Query { pets { ... on Dog { barks } ... on Pet { friend { ... on Cat { lives } } } } pets { friend { name } } }',
    {
      pets: [
        { barks: true, friend: { lives: 9, name: 'Tom' }, name: 'Rex' },
        { friend: null, name: 'Tom' },
        { barks: true, friend: { lives: 9, name: 'Tom' }, name: 'Rex' },
      ],
    },
  ),
  selected(
    `${MERGE}: only selections of applicable fragments are merged`,
    '{ pets { ... on Cat { friend { name } } ... on Dog { friend { __typename } } ... on Dog { friend { name } } } }',
    {
      pets: [
        { friend: { __typename: 'Cat', name: 'Tom' } },
        { friend: null },
        { friend: { __typename: 'Cat', name: 'Tom' } },
      ],
    },
  ),
];
