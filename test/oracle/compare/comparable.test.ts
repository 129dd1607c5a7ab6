import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { list, type Model, named } from '../modules/model.ts';
import { Comparable } from './comparable.ts';

const model = (load: string | null, ...keys: readonly string[]): Model => ({
  seed: 's',
  modules: [
    {
      name: 'm',
      isService: false,
      shares: false,
      abstracts: [],
      loaders: [],
      objects: [
        {
          name: 'E',
          interfaces: [],
          directives: [],
          keys,
          merge: keys.map((key) => ({ key: [key], load })),
          fields: [
            { name: 'c', type: list(named('Int')), args: [], directives: [], how: { by: 'sync' }, needs: ['id'] },
          ],
        },
      ],
    },
  ],
});

const SCHEMA = buildSchema(`
  type Query { e: E v: V any: Any n: Int }
  type E implements Any { id: ID code: ID c: [Int] query: Query v: V }
  type V { query: Query }
  interface Any { query: Query }
`);

const isComparable = ({ model: one, document }: { model: Model; document: string }) =>
  new Comparable(one, SCHEMA).includes(parse(document));

test('fields of Query below an entity that may be joined apart are not compared with delegation', () => {
  const apart = [model('load', 'id', 'code'), model(null, 'id')];
  const below = [
    '{ e { query { n } } }',
    '{ e { v { query { n } } } }',
    '{ any { query { n } } }',
    '{ ...F } fragment F on Query { e { ... { ...G } } } fragment G on E { query { n } }',
  ];
  const others = ['{ e { id v { __typename } } }', '{ v { query { n e { id } } } }', '{ any { __typename } }'];
  for (const one of apart) {
    for (const document of below) expect([document, isComparable({ model: one, document })]).toEqual([document, false]);
    for (const document of others) expect([document, isComparable({ model: one, document })]).toEqual([document, true]);
  }
  for (const document of [...below, ...others])
    expect([document, isComparable({ model: model('load', 'id'), document })]).toEqual([document, true]);
  expect(isComparable({ model: model('load', 'id'), document: '{ e { c } }' })).toBe(false);
});
