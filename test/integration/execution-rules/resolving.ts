import { fail, later, type Rule } from './rule.ts';

const SDL = 'type Query { v: Int  row: Row  rows: [Row] } type Row { v: Int  w(x: Int = 1): Int  inner: Row }';

const resolved = (sentence: string, resolve: () => unknown, data: unknown, errors: readonly string[] = []): Rule => ({
  title: `6.4.2 Value Resolution: ${sentence}`,
  sdl: SDL,
  resolvers: () => ({ Query: { v: resolve } }),
  document: '{ v }',
  data,
  errors,
});

const ofRow = (sentence: string, row: () => unknown, data: unknown, errors: readonly string[] = []): Rule => ({
  title: `6.4.2 Value Resolution: ${sentence}`,
  sdl: SDL,
  resolvers: () => ({ Query: { row } }),
  document: '{ row { v } }',
  data: { row: data },
  errors,
});

class Classy {
  readonly #v = 1;
  get v(): number {
    return this.#v;
  }
}

class Failing {
  get v(): number {
    return fail();
  }
}

function ownNumber(this: { readonly n: number }): number {
  return this.n;
}

/** 6.4.2 */
export const RESOLVING: readonly Rule[] = [
  resolved('a value is given at once', () => 1, { v: 1 }),
  resolved('a value may be given later', () => later(1), { v: 1 }),
  resolved(
    'any object with a then method is awaited',
    // biome-ignore lint/suspicious/noThenProperty: that it has one is what this rule is about
    () => ({ then: (give: (value: number) => void) => give(1) }),
    { v: 1 },
  ),
  resolved('a resolver that throws is a field error', fail, { v: null }, ['v']),
  resolved('a resolver that rejects is a field error', async () => fail(), { v: null }, ['v']),
  resolved('an Error that is given is thrown', () => new Error('given'), { v: null }, ['v']),
  resolved('an Error that is given later is thrown', () => later(new Error('given')), { v: null }, ['v']),
  resolved(
    'any thrown value is a field error',
    () => {
      // biome-ignore lint/style/useThrowOnlyError: that it is none is what this rule is about
      throw 'text';
    },
    { v: null },
    ['v'],
  ),
  resolved('a rejection without a reason is a field error', () => Promise.reject(), { v: null }, ['v']),

  ofRow('without a resolver the value is the property of that name', () => ({ v: 1 }), { v: 1 }),
  ofRow('a property that is not there is null', () => ({}), { v: null }),
  ofRow('a property may be inherited', () => Object.create({ v: 1 }), { v: 1 }),
  ofRow('a property may be a getter', () => new Classy(), { v: 1 }),
  ofRow('a getter that throws is a field error', () => new Failing(), { v: null }, ['row.v']),
  ofRow('a property may be a promise', () => ({ v: later(1) }), { v: 1 }),
  ofRow('a property that is a promise may be rejected', () => ({ v: later(null).then(fail) }), { v: null }, ['row.v']),
  ofRow('a property may be an Error', () => ({ v: new Error('kept') }), { v: null }, ['row.v']),
  ofRow('a property may be a function', () => ({ v: () => 1 }), { v: 1 }),
  ofRow('a function of a row knows its row', () => ({ n: 1, v: ownNumber }), { v: 1 }),
  ofRow('a function of a row may throw', () => ({ v: fail }), { v: null }, ['row.v']),
  ofRow('a function of a row may give a promise', () => ({ v: () => later(1) }), { v: 1 }),
  ofRow('a row may have no prototype', () => Object.assign(Object.create(null), { v: 1 }), { v: 1 }),
  ofRow('a row may be a primitive, which has no properties', () => 'text', { v: null }),
  {
    title: '6.4.2 Value Resolution: a function of a row receives the arguments',
    sdl: SDL,
    resolvers: () => ({ Query: { row: () => ({ w: ({ x }: { readonly x: number }) => x + 1 }) } }),
    document: '{ row { w more: w(x: 4) } }',
    data: { row: { w: 2, more: 5 } },
  },
  {
    title: '6.4.2 Value Resolution: a resolver receives the object itself, not a copy',
    sdl: SDL,
    resolvers: () => {
      const shared = { inner: null };
      return {
        Query: { row: () => shared, rows: () => [shared, shared] },
        Row: { v: (row) => (row === shared ? 1 : 0), inner: (row) => later(row) },
      };
    },
    document: '{ row { v inner { v inner { v } } } rows { v } }',
    data: { row: { v: 1, inner: { v: 1, inner: { v: 1 } } }, rows: [{ v: 1 }, { v: 1 }] },
  },
  {
    title: '6.4 Executing Fields: subfields of a null field are not executed',
    sdl: SDL,
    resolvers: (note) => ({
      Query: { row: () => null, rows: () => [null, undefined, {}] },
      Row: {
        v: () => {
          note('v');
          return 1;
        },
      },
    }),
    document: '{ row { v } rows { v } }',
    data: { row: null, rows: [null, null, { v: 1 }] },
    calls: ['v'],
  },
];
