import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANONYMOUS, type ApiKeyHolder, principalKey, type User } from './principal.ts';

const user = (more: Partial<User> = {}): User => ({
  ...{ kind: 'user', subject: 'c1', issuer: 'https://id.example', scopes: ['a', 'b'], roles: ['admin'] },
  ...more,
});

test('the anonymous key cannot be the key of a user', () => {
  expect(principalKey(ANONYMOUS)).toBe('anonymous');
  expect(principalKey(user({ subject: 'anonymous', issuer: '', scopes: [], roles: [] }))).not.toBe('anonymous');
});

test('the key of a user does not depend on the order of rights', () => {
  expect(principalKey(user({ scopes: ['b', 'a', 'b'] }))).toBe(principalKey(user()));
});

const holder = (more: Partial<ApiKeyHolder> = {}): ApiKeyHolder => ({
  ...{ kind: 'api-key', subject: 'k1', issuer: 'api-key', owner: 'team', scopes: ['a', 'b'], roles: ['admin'] },
  ...more,
});

test.each([
  ['id', { subject: 'k2' }],
  ['owner', { owner: 'other' }],
  ['scopes', { scopes: ['a'] }],
  ['roles', { roles: [] }],
  ['plan', { plan: 'gold' }],
])('API keys that differ in %s only have different principal keys', (_what, more) => {
  expect(principalKey(holder(more))).not.toBe(principalKey(holder()));
});

test('the principal key of an API key depends neither on the order of rights nor on its expiry', () => {
  expect(principalKey(holder({ scopes: ['b', 'a', 'b'], expiresAt: 1 }))).toBe(principalKey(holder()));
});

test('a key reveals nothing about its user', () => {
  expect(principalKey(user({ subject: 'somebody@shop.example' }))).toMatch(/^[\w-]{43}$/);
});

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'a', 'a b', '","', '\ud800', '\ud801'),
);
const names = fc.array(name, { maxLength: 3 });
const users = fc.record({ subject: name, issuer: name, scopes: names, roles: names }).map((more) => user(more));

test('two users share a key only if subject, issuer and all rights are equal', () => {
  const rights = ({ subject, issuer, scopes, roles }: User) =>
    JSON.stringify([subject, issuer, [...new Set(scopes)].sort(), [...new Set(roles)].sort()]);
  fc.assert(
    fc.property(users, users, (one, other) => {
      expect(principalKey(one) === principalKey(other)).toBe(rights(one) === rights(other));
    }),
    { numRuns: 2_000 },
  );
});

test('principals of two kinds never share a key', () => {
  fc.assert(
    fc.property(users, names, name, (one, more, owner) => {
      const { subject, issuer, scopes } = one;
      const certificate = { kind: 'certificate', subject, issuer, names: more, scopes: [], roles: [] } as const;
      const keys = [one, certificate, holder({ subject, owner, scopes, roles: more })].map(principalKey);
      expect(new Set(keys).size).toBe(3);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['text moved from subject to issuer', { subject: 'c1","https', issuer: 'x' }, { subject: 'c1', issuer: '","httpsx' }],
  ['a scope moved to the roles', { scopes: ['a'], roles: [] }, { scopes: [], roles: ['a'] }],
  ['two scopes joined to one', { scopes: ['a b'] }, { scopes: ['a', 'b'] }],
])('the key changes with %s', (_what, one, other) => {
  expect(principalKey(user(one))).not.toBe(principalKey(user(other)));
});
