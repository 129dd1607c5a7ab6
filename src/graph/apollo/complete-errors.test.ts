import { expect, test } from 'vitest';
import { completeErrors } from './complete-errors.ts';

test('a complete error is unchanged', () => {
  const complete = { message: 'm', extensions: { code: 'NOT_FOUND', requestId: 'r' } };
  expect(completeErrors([complete], 200, 'r')[0]).toBe(complete);
});

test('an error without request id gets it, and keeps all other fields', () => {
  const errors = [{ message: 'm', path: ['a'], extensions: { code: 'NOT_FOUND' } }, { message: 'n' }];
  expect(completeErrors(errors, undefined, 'r')).toEqual([
    { message: 'm', path: ['a'], extensions: { code: 'NOT_FOUND', requestId: 'r' } },
    { message: 'n', extensions: { requestId: 'r' } },
  ]);
});

test('the code follows the HTTP status if Apollo has set BAD_REQUEST', () => {
  const error = { message: 'm', extensions: { code: 'BAD_REQUEST', requestId: 'r' } };
  expect(completeErrors([error], 405, 'r')[0]?.extensions?.code).toBe('METHOD_NOT_ALLOWED');
});
