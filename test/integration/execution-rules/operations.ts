import { fail, later, type Rule } from './rule.ts';

const SDL =
  'type Query { a: String  b: String  mustFail: String! } type Mutation { set(to: Int!): Int  mustSet(to: Int!): Int! }';

const resolvers: Rule['resolvers'] = (note) => ({
  Query: {
    a: () => {
      note('a');
      return 'A';
    },
    b: () => 'B',
    mustFail: fail,
  },
  Mutation: {
    set: async (_root, { to }) => {
      note(`begin ${to}`);
      await later(null);
      note(`end ${to}`);
      return to < 0 ? fail() : to;
    },
    mustSet: async (_root, { to }) => {
      note(`begin ${to}`);
      await later(null);
      return to < 0 ? fail() : to;
    },
  },
});

const both = { sdl: SDL, resolvers, document: 'query One { a } query Two { b }' };

/** 6.1, 6.1.1, 6.2: selecting and executing the operation */
export const OPERATIONS: readonly Rule[] = [
  {
    title: '6.1 GetOperation: without a name, the only operation is executed',
    sdl: SDL,
    resolvers,
    document: '{ a }',
    data: { a: 'A' },
  },
  {
    title: '6.1 GetOperation: without operationName, the only operation is executed even if it is named',
    sdl: SDL,
    resolvers,
    document: 'query Only { a ...F } fragment F on Query { b }',
    data: { a: 'A', b: 'B' },
  },
  {
    title: '6.1 GetOperation: without a name, one of several is a request error',
    ...both,
    errors: ['request'],
    calls: [],
  },
  {
    title: '6.1 GetOperation: the operation with the name of operationName is executed',
    ...both,
    operationName: 'Two',
    data: { b: 'B' },
    calls: [],
  },
  {
    title: '6.1 GetOperation: an unknown name is a request error',
    ...both,
    operationName: 'Three',
    errors: ['request'],
    calls: [],
  },
  {
    title: '6.1 GetOperation: another name than that of the only operation is a request error',
    sdl: SDL,
    resolvers,
    document: 'query One { a }',
    operationName: 'Two',
    errors: ['request'],
    calls: [],
  },
  {
    title: '6.1.1 Validating Requests: only requests that pass all validation rules are executed',
    sdl: SDL,
    resolvers,
    document: '{ a c }',
    errors: ['request'],
    calls: [],
  },
  {
    title: '6.1.1 Validating Requests: an error in another operation of the document counts too',
    sdl: SDL,
    resolvers,
    document: 'query One { a } query Two { c }',
    operationName: 'One',
    errors: ['request'],
    calls: [],
  },
  {
    title: '6.1 Executing Requests: a document that cannot be parsed is a request error',
    sdl: SDL,
    resolvers,
    document: '{ a ',
    errors: ['request'],
    calls: [],
  },
  {
    title: '6.2.1 Query: the result has data, and errors of failing fields',
    sdl: SDL,
    resolvers,
    document: '{ b mustFail }',
    data: null,
    errors: ['mustFail'],
  },
  {
    title: '6.2.2 Mutation: the root fields are executed serially, each once the one before is complete',
    sdl: SDL,
    resolvers,
    document: 'mutation { set(to: 1) second: set(to: 2) ...F } fragment F on Mutation { third: set(to: 3) }',
    data: { set: 1, second: 2, third: 3 },
    calls: ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'],
  },
  {
    title: '6.2.2 Mutation: a failing field is null, and the next ones are executed',
    sdl: SDL,
    resolvers,
    document: 'mutation { first: set(to: -1) second: mustSet(to: 2) }',
    data: { first: null, second: 2 },
    errors: ['first'],
    calls: ['begin -1', 'end -1', 'begin 2'],
  },
  {
    title: '6.2.2 Mutation: a failing non-null field ends the operation, and no field is executed after it',
    sdl: SDL,
    resolvers,
    document: 'mutation { first: set(to: 1) second: mustSet(to: -2) third: set(to: 3) }',
    data: null,
    errors: ['second'],
    calls: ['begin 1', 'end 1', 'begin -2'],
  },
  {
    title: '6.2.2 Mutation: a field that is selected twice is executed once',
    sdl: SDL,
    resolvers,
    document: 'mutation { set(to: 1) __typename set(to: 1) }',
    data: { set: 1, __typename: 'Mutation' },
    calls: ['begin 1', 'end 1'],
  },
  {
    title: '6.3.1 Serial execution: only root fields run serially, their subfields need not',
    sdl: `type Query { ok: Boolean } type Mutation { make(id: Int!): Made } type Made { slow: Int fast: Int }`,
    resolvers: (note) => ({
      Mutation: { make: (_root, { id }) => ({ id }) },
      Made: {
        slow: async ({ id }) => {
          note(`slow ${id} begins`);
          await later(null);
          note(`slow ${id} ends`);
          return id;
        },
        fast: ({ id }) => {
          note(`fast ${id}`);
          return id;
        },
      },
    }),
    document: 'mutation { one: make(id: 1) { slow fast } two: make(id: 2) { slow fast } }',
    data: { one: { slow: 1, fast: 1 }, two: { slow: 2, fast: 2 } },
    calls: ['slow 1 begins', 'fast 1', 'slow 1 ends', 'slow 2 begins', 'fast 2', 'slow 2 ends'],
  },
];
