import { expect, test } from 'vitest';
import { addressOf, endpointAt } from './endpoint.ts';

test('the address for operators contains no credentials, path or query', () => {
  const secret = endpointAt('http://user:pw@a:81/base?key=1#x');
  expect(addressOf(secret)).toBe('http://a:81');
});
