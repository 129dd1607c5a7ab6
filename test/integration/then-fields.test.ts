import { parse, print } from 'graphql';
import { testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { withoutThen } from '../../src/graph/stitching/rename-then.ts';
import { testModule } from '../support/modules/test-module.ts';

test('a document without `then` is not rewritten', () => {
  expect(withoutThen(parse('{ a: b { c } }'))).toBeNull();
});

test('`then` works as the name of a field and an alias, in lists, fragments and error paths', async () => {
  const sdl = 'type Query { rows: [Row!] then: Int } type Row { id: ID! then: String fails: Int }';
  const module = testModule('then', sdl, {
    resolvers: {
      Query: {
        rows: () => [
          { id: '1', then: 'a' },
          { id: '2', then: null },
        ],
        then: () => 7,
      },
      Row: {
        fails: () => {
          throw new Error('as it must');
        },
      },
    },
  });
  const { data, errors } = await testBackend(module, {}).query(
    '{ then again: then rows { ...F id } } fragment F on Row { x: then then: fails }',
  );
  expect(JSON.stringify(data)).toBe(
    '{"then":7,"again":7,"rows":[{"x":"a","then":null,"id":"1"},{"x":null,"then":null,"id":"2"}]}',
  );
  expect(errors?.map(({ path }) => path)).toEqual([
    ['rows', 0, 'then'],
    ['rows', 1, 'then'],
  ]);
  const plain = await testBackend(module, {}).query('{ rows { then id } }');
  expect(JSON.stringify(plain.data)).toBe('{"rows":[{"then":"a","id":"1"},{"then":null,"id":"2"}]}');
});

test('the internal replacement for `then` is a name that no client can use', () => {
  expect(print(withoutThen(parse('{ then }')) ?? parse('{ x }'))).toContain('_key_then: then');
});
