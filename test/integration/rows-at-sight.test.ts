import { defineBackend } from 'tributary/backend';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { anonymousRequest, paramsOf } from '../support/gateway/executed.ts';

const typeDefs = {
  text: `
    type Query { things: [Thing] }
    type Thing { id: ID!  name: String  size: Int  ratio: Float  isOpen: Boolean  kind: Kind }
    enum Kind { ROUND SQUARE }`,
  file: import.meta.filename,
};

const FULL = { id: 't1', name: 'one', size: 1, ratio: 0.5, isOpen: true, kind: 'ROUND' };

const ASKED = '{ things { id name size ratio isOpen kind is: __typename } }';

/**
 * The answer for these rows, executed often enough that generated code takes over after `rowsBeforeCode` rows, or
 * never.
 */
const answered = async (rows: readonly unknown[], rowsBeforeCode: number) => {
  const things = defineBackend()({ name: 'things', typeDefs, resolvers: { Query: { things: () => rows } } });
  const gateway = buildGateway({
    modules: [things],
    connect: () => () => Promise.reject(new Error('There is no upstream.')),
    rowsBeforeCode,
  });
  await gateway.start();
  const { data, errors } = await gateway.execute(paramsOf(ASKED), anonymousRequest());
  return { data, errors };
};

const ROWS: Readonly<Record<string, unknown>> = {
  'has every selected field': FULL,
  'lacks a nullable field': { id: 't2' },
  'has null in nullable fields': { ...FULL, name: null, size: null, kind: null },
  'lacks a non-null field': { name: 'nobody' },
  'has a number as id': { ...FULL, id: 7 },
  'has text as a number': { ...FULL, size: '12' },
  'has NaN as a number': { ...FULL, ratio: Number.NaN },
  'has a fraction as an Int': { ...FULL, size: 1.5 },
  'has an unknown enum value': { ...FULL, kind: 'OVAL' },
  'has a function': { ...FULL, name: () => 'called' },
  'has a promise': { ...FULL, name: Promise.resolve('late') },
  'has an Error': { ...FULL, name: new Error('broken') },
  'has a list as text': { ...FULL, name: ['a', 'b'] },
  'throws on access': {
    ...FULL,
    get name() {
      throw new Error('unreadable');
    },
  },
  'inherits the selected fields': Object.create(FULL),
  'is not an object': 'text',
  'is a function': Object.assign(() => {}, { id: 't9' }),
};

for (const [what, row] of Object.entries(ROWS))
  test(`a row that ${what} has the same result with generated code, alone and between plain rows`, async () => {
    const rows = [FULL, row, { ...FULL, id: 't3' }];
    const expected = await answered(rows, Number.POSITIVE_INFINITY);
    expect(expected?.data).toBeDefined();
    expect(await answered(rows, 0)).toEqual(expected);
    expect(await answered([...rows, row], 1)).toEqual(await answered([...rows, row], Number.POSITIVE_INFINITY));
  });

test('keys keep the order of the document, including fields that need full completion', async () => {
  const result = await answered([FULL, { ...FULL, name: Promise.resolve('late') }], 0);
  const keys = ['id', 'name', 'size', 'ratio', 'isOpen', 'kind', 'is'];
  const things = result?.data?.things;
  expect(Array.isArray(things) && things.map((thing) => Object.keys(thing))).toEqual([keys, keys]);
});
