import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANONYMOUS, principalKey, type User } from './principal.ts';

const user = (more: Partial<User> = {}): User => ({
  ...{ kind: 'user', subject: 'c1', issuer: 'https://id.example', scopes: ['a', 'b'], roles: ['admin'] },
  ...more,
});

test('nobody has a key that no user can have', () => {
  expect(principalKey(ANONYMOUS)).toBe('anonymous');
  expect(principalKey(user({ subject: 'anonymous', issuer: '', scopes: [], roles: [] }))).not.toBe('anonymous');
});

test('the same user with the same rights has one key, however the rights are listed', () => {
  expect(principalKey(user({ scopes: ['b', 'a', 'b'] }))).toBe(principalKey(user()));
});

test('a key tells nothing of whom it stands for', () => {
  expect(principalKey(user({ subject: 'somebody@shop.example' }))).toMatch(/^[\w-]{43}$/);
});

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'a', 'a b', '","', '\ud800', '\ud801'),
);
const names = fc.array(name, { maxLength: 3 });
const users = fc.record({ subject: name, issuer: name, scopes: names, roles: names }).map((more) => user(more));

test('two users share a key only where subject, issuer and all rights are the same', () => {
  const rights = ({ subject, issuer, scopes, roles }: User) =>
    JSON.stringify([subject, issuer, [...new Set(scopes)].sort(), [...new Set(roles)].sort()]);
  fc.assert(
    fc.property(users, users, (one, other) => {
      expect(principalKey(one) === principalKey(other)).toBe(rights(one) === rights(other));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['a subject into the issuer', { subject: 'c1","https', issuer: 'x' }, { subject: 'c1', issuer: '","httpsx' }],
  ['a scope into the roles', { scopes: ['a'], roles: [] }, { scopes: [], roles: ['a'] }],
  ['two scopes as one', { scopes: ['a b'] }, { scopes: ['a', 'b'] }],
])('%s does not move', (_what, one, other) => {
  expect(principalKey(user(one))).not.toBe(principalKey(user(other)));
});
