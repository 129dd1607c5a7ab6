import { expect, test } from 'vitest';
import { completeErrors } from './complete-errors.ts';

test('a response without errors, or with complete errors, is unchanged', () => {
  const data = '{"data":{"a":1}}';
  const complete = '{"errors":[{"message":"m","extensions":{"code":"NOT_FOUND","requestId":"r"}}],"data":null}';
  expect(completeErrors(data, 200, 'r')).toBe(data);
  expect(completeErrors(complete, 200, 'r')).toBe(complete);
});

test('an error without request id gets it, and keeps all other fields', () => {
  const body =
    '{"errors":[{"message":"m","path":["a"],"extensions":{"code":"NOT_FOUND"}},{"message":"n"}],"data":{"a":null}}';
  expect(JSON.parse(completeErrors(body, 200, 'r'))).toEqual({
    errors: [
      { message: 'm', path: ['a'], extensions: { code: 'NOT_FOUND', requestId: 'r' } },
      { message: 'n', extensions: { requestId: 'r' } },
    ],
    data: { a: null },
  });
});

test('the code follows the HTTP status if Apollo has set BAD_REQUEST', () => {
  const body = '{"errors":[{"message":"m","extensions":{"code":"BAD_REQUEST","requestId":"r"}}]}';
  expect(JSON.parse(completeErrors(body, 405, 'r')).errors[0].extensions.code).toBe('METHOD_NOT_ALLOWED');
});
