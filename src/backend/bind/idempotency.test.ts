import { expect, test } from 'vitest';
import { anonymousRequest } from '../../../test/support/gateway/executed.ts';
import type { User } from '../../request/principal.ts';
import { keyScope, sentKey } from './idempotency.ts';

const user = (changes: Partial<User> = {}): User => ({
  kind: 'user',
  issuer: 'https://a.invalid',
  subject: 'c1',
  scopes: [],
  roles: [],
  ...changes,
});

const keyOf = (principal: User, within = 'shop.orders', route = 'POST /orders', key = 'k') =>
  sentKey(key, route, keyScope({ ...anonymousRequest(), principal }, within));

test('a key is the same in every request of one user, whatever scopes and roles the token has', () => {
  expect(keyOf(user({ scopes: ['a'], roles: ['b'] }))).toBe(keyOf(user()));
  expect(keyOf(user())).toMatch(/^[\w-]{43}$/);
});

test.each([
  ['subject', keyOf(user({ subject: 'c2' }))],
  ['issuer', keyOf(user({ issuer: 'https://b.invalid' }))],
  ['upstream', keyOf(user(), 'shop.invoices')],
  ['route', keyOf(user(), 'shop.orders', 'POST /invoices')],
  ['value', keyOf(user(), 'shop.orders', 'POST /orders', 'l')],
  ['space in front of the value', keyOf(user(), 'shop.orders', 'POST /orders', ' k')],
  ['space after the value', keyOf(user(), 'shop.orders', 'POST /orders', 'k ')],
  ['boundary between subject and issuer', keyOf(user({ issuer: 'https://a.invalid","c1', subject: '' }))],
])('another %s makes another key', (_what, other) => {
  expect(other).not.toBe(keyOf(user()));
});

test('anonymous requests never share a key, and one request derives the same key twice', () => {
  const [one, other] = [anonymousRequest(), anonymousRequest()];
  expect(keyScope(one, 'shop.orders')('POST /orders', 'k')).toBe(keyScope(one, 'shop.orders')('POST /orders', 'k'));
  expect(keyScope(one, 'shop.orders')('POST /orders', 'k')).not.toBe(
    keyScope({ ...other, requestId: one.requestId }, 'shop.orders')('POST /orders', 'k'),
  );
});

test('an unscoped key is sent unchanged', () => {
  expect(sentKey({ unscoped: 'cart-7' }, 'POST /orders', keyScope(anonymousRequest(), 'shop.orders'))).toBe('cart-7');
});
