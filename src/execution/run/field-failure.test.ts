import { expect, test } from 'vitest';
import { GatewayError, UpstreamError } from '../../core/errors.ts';
import { asError, FieldFailure, isAbsence } from './field-failure.ts';

test('a thrown Error is kept, and any other thrown value becomes the cause of one', () => {
  const error = new RangeError('too far');
  expect(asError(error)).toBe(error);
  expect(asError('a text')).toMatchObject({ message: 'a text', cause: 'a text' });
  expect(new FieldFailure(undefined).error.message).toBe('undefined');
});

test('a thrown value that cannot be converted to a string is an Error, too', () => {
  const thrown = Object.create(null);
  expect(asError(thrown)).toMatchObject({ cause: thrown });
  const hostile = new Proxy(new Error('hidden'), {
    get: () => {
      throw new Error('no access');
    },
  });
  expect(asError(hostile).message).toContain('cannot be converted');
});

test('only a backend’s own "not found" means that the row does not exist', () => {
  const at = { upstream: 'shop.stock', route: 'GET /stock/{id}' };
  expect(isAbsence(new UpstreamError('NOT_FOUND', at, 'status 404'))).toBe(true);
  expect(isAbsence(new UpstreamError('SERVICE_UNAVAILABLE', at, 'status 503'))).toBe(false);
  expect(isAbsence(new GatewayError('NOT_FOUND', 'Not found.'))).toBe(false);
});
