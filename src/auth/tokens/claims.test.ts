import { expect, test } from 'vitest';
import { userOf } from './claims.ts';

const rolesAt = (path: string, claims: object) => userOf({ ...claims }, 'c1', { issuer: 'i', roles: path }).roles;

test.each([
  ['roles', { roles: ['admin', 'clerk'] }, ['admin', 'clerk']],
  ['roles', { roles: 'shop admin' }, ['shop admin']],
  ['roles', { roles: ['admin', 1, null, ['x'], { name: 'y' }] }, ['admin']],
  ['roles', { roles: { admin: true } }, []],
  ['roles', { roles: null }, []],
  ['roles', {}, []],
  ['realm_access.roles', { realm_access: { roles: ['admin'] } }, ['admin']],
  ['realm_access.roles', { realm_access: null, roles: ['admin'] }, []],
  ['realm_access.roles', { realm_access: 'roles' }, []],
  ['https://shop.example/roles', { 'https://shop.example/roles': ['admin'] }, ['admin']],
  ['constructor.name', {}, []],
  ['__proto__.constructor.name', {}, []],
  ['toString', {}, []],
])('roles at %s of %j', (path, claims, roles) => expect(rolesAt(path, claims)).toEqual(roles));

test('a principal and its lists are frozen', () => {
  const principal = userOf({ roles: ['clerk'], scope: 'a' }, 'c1', { issuer: 'i', roles: 'roles' });
  expect(Object.isFrozen(principal)).toBe(true);
  expect([principal.roles, principal.scopes].every(Object.isFrozen)).toBe(true);
});
