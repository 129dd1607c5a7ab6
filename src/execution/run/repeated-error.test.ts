import { GraphQLError, parse } from 'graphql';
import { expect, test } from 'vitest';
import { firstOf, repeatedAt } from './repeated-error.ts';

const cause = new Error('The backend is down.');
const first = new GraphQLError('There is nothing.', {
  nodes: parse('{ orders { stock } }').definitions,
  path: ['orders', 0, 'stock'],
  extensions: { code: 'SERVICE_UNAVAILABLE' },
  originalError: cause,
});

test('a repeated error equals the first one except for its path', () => {
  const again = repeatedAt(first, ['orders', 1, 'stock']);
  expect(again).toBeInstanceOf(GraphQLError);
  expect(JSON.parse(JSON.stringify(again))).toEqual({
    ...JSON.parse(JSON.stringify(first)),
    path: ['orders', 1, 'stock'],
  });
  expect(again.originalError).toBe(cause);
  expect(first.path).toEqual(['orders', 0, 'stock']);
});

test('firstOf returns the first of repeated errors, and a single error itself', () => {
  expect(firstOf(repeatedAt(first, ['elsewhere']))).toBe(first);
  expect(firstOf(first)).toBe(first);
});

test('changing a repeated error, as a plugin may, does not change the first one', () => {
  const again = repeatedAt(first, ['orders', 1, 'stock']);
  again.extensions.hint = 'later';
  Object.assign(again, { path: ['elsewhere'], message: 'Ask again.' });
  expect(again.toJSON()).toMatchObject({ path: ['elsewhere'], message: 'Ask again.', extensions: { hint: 'later' } });
  expect(first.toJSON()).toMatchObject({ path: ['orders', 0, 'stock'], message: 'There is nothing.' });
  expect(first.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE' });
});
