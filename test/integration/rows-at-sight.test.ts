import { defineBackend } from 'tributary/backend';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/gateway/build.ts';
import { anybodysRequest } from '../support/executed.ts';

const typeDefs = {
  text: `
    type Query { things: [Thing] }
    type Thing { id: ID!  name: String  size: Int  ratio: Float  isOpen: Boolean  kind: Kind }
    enum Kind { ROUND SQUARE }`,
  file: import.meta.filename,
};

const FULL = { id: 't1', name: 'one', size: 1, ratio: 0.5, isOpen: true, kind: 'ROUND' };

const ASKED = '{ things { id name size ratio isOpen kind is: __typename } }';

/** The answer for these rows, asked for so often that code is made for them from the first one on, or never. */
const answered = async (rows: readonly unknown[], rowsBeforeCode: number) => {
  const things = defineBackend()({ name: 'things', typeDefs, resolvers: { Query: { things: () => rows } } });
  const { apollo } = buildGateway({
    modules: [things],
    connect: () => () => Promise.reject(new Error('There is no upstream.')),
    rowsBeforeCode,
  });
  await apollo.start();
  const { body } = await apollo.executeOperation({ query: ASKED }, { contextValue: anybodysRequest() });
  return body.kind === 'single' ? body.singleResult : null;
};

const ROWS: Readonly<Record<string, unknown>> = {
  'has all that is asked for': FULL,
  'lacks what may be null': { id: 't2' },
  'has null where that may be': { ...FULL, name: null, size: null, kind: null },
  'lacks what may not be null': { name: 'nobody' },
  'has a number for an id': { ...FULL, id: 7 },
  'has text for a number': { ...FULL, size: '12' },
  'has a number that is none': { ...FULL, ratio: Number.NaN },
  'has a fraction for a whole number': { ...FULL, size: 1.5 },
  'has what its enum does not have': { ...FULL, kind: 'OVAL' },
  'has a function': { ...FULL, name: () => 'called' },
  'has a promise': { ...FULL, name: Promise.resolve('late') },
  'has an Error': { ...FULL, name: new Error('broken') },
  'has a list for text': { ...FULL, name: ['a', 'b'] },
  'cannot be read': {
    ...FULL,
    get name() {
      throw new Error('unreadable');
    },
  },
  'inherits what is asked for': Object.create(FULL),
  'is no object': 'text',
  'is a function': Object.assign(() => {}, { id: 't9' }),
};

for (const [what, row] of Object.entries(ROWS))
  test(`a row that ${what} is the same to code that was made for it, and between rows that fit`, async () => {
    const rows = [FULL, row, { ...FULL, id: 't3' }];
    const wanted = await answered(rows, Number.POSITIVE_INFINITY);
    expect(wanted?.data).toBeDefined();
    expect(await answered(rows, 0)).toEqual(wanted);
    expect(await answered([...rows, row], 1)).toEqual(await answered([...rows, row], Number.POSITIVE_INFINITY));
  });

test('keys come in the order of the document, whatever can be read at sight', async () => {
  const result = await answered([FULL, { ...FULL, name: Promise.resolve('late') }], 0);
  const keys = ['id', 'name', 'size', 'ratio', 'isOpen', 'kind', 'is'];
  const things = result?.data?.things;
  expect(Array.isArray(things) && things.map((thing) => Object.keys(thing))).toEqual([keys, keys]);
});
