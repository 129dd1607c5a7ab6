import { expect, test } from 'vitest';
import { principalOfClaims } from './claims.ts';

const rolesAt = (path: string, claims: object) => {
  const issuer = { issuer: 'i', audience: 'a', keys: { by: 'discovery' } as const, roles: path, typ: 'at+jwt' };
  const principal = principalOfClaims({ sub: 'c1', exp: 2, ...claims }, issuer, 1);
  return principal.kind === 'user' ? principal.roles : null;
};

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
  const issuer = { issuer: 'i', audience: 'a', keys: { by: 'discovery' } as const, roles: 'roles', typ: 'at+jwt' };
  const principal = principalOfClaims({ sub: 'c1', exp: 2, roles: ['clerk'], scope: 'a' }, issuer, 1);
  expect(Object.isFrozen(principal)).toBe(true);
  expect(principal.kind === 'user' && [principal.roles, principal.scopes].every(Object.isFrozen)).toBe(true);
});
