import { expect, test } from 'vitest';
import { DomainError, GatewayError } from '../../core/errors.ts';
import { badInput, fail, forbidden, notFound } from './fail.ts';

test('a declared failure has its code and details, and is an Error to return or throw', () => {
  const failure = fail('OUT_OF_STOCK', { available: 3 });
  expect(failure).toBeInstanceOf(DomainError);
  expect(failure).toMatchObject({ code: 'OUT_OF_STOCK', details: { available: 3 } });
  expect(fail('SOLD_OUT')).toMatchObject({ code: 'SOLD_OUT', details: undefined });
});

test.each([
  [notFound, 'NOT_FOUND'],
  [badInput, 'BAD_USER_INPUT'],
  [forbidden, 'FORBIDDEN'],
])('built-in failures need no declaration: %# is %s', (given, code) => {
  const failure = given('Choose another one.', { field: 'id' });
  expect(failure).toBeInstanceOf(GatewayError);
  expect(failure).toMatchObject({ code, message: 'Choose another one.', details: { field: 'id' } });
});

test('the stack of a failure begins at its caller', () => {
  expect(fail('OUT_OF_STOCK').stack).toContain('fail.test.ts');
});
