import { expect, test } from 'vitest';
import { accessRules } from '../../config/network/access-rules.ts';
import { accessTest } from './access-test.ts';

const testOf = (text: string) => accessTest(accessRules.parse(text));

test.each([
  ['10.1.2.3', '/internal', true],
  ['10.1.2.3', '/internal/{id}', true],
  ['10.9.0.1', '/internal', false],
  ['192.0.2.1', '/internal', false],
  ['192.0.2.1', '/internal/{id}', false],
  ['192.0.2.1', '/internals', true],
  ['192.0.2.1', '/graphql', true],
  ['203.0.113.7', '/graphql', false],
  ['203.0.113.7', null, false],
  ['203.0.113.8', null, true],
  ['2001:db8::1', '/internal', false],
  ['fd00::1', '/internal', true],
  // A client that has closed its connection has no address.
  ['', '/internal', true],
] as const)('the first rule with address and route decides: %s %s is allowed: %s', (address, route, expected) => {
  const isAllowed = testOf(
    'deny 10.9.0.0/16 /internal, allow 10.0.0.0/8 /internal,allow fd00::/8 /internal, deny all /internal, deny 203.0.113.7',
  );
  expect(isAllowed(address, { route, url: '/' })).toBe(expected);
});

test('a path with a slash at its end, and the root, are prefixes', () => {
  expect(testOf('deny all /files/')('192.0.2.1', { route: '/files/{id}', url: '/' })).toBe(false);
  expect(testOf('deny all /')('192.0.2.1', { route: '/graphql', url: '/' })).toBe(false);
});

test.each([
  ['/files', '/files', false],
  ['/files', '/files?a=/b', false],
  ['/files', '/files/1/2', false],
  ['/files', '/%66iles/1', false],
  ['/files', '/files/%zz', false],
  ['/files', '/files#a', false],
  ['/files', '/filesystem', true],
  ['/files', '/a/files', true],
  ['/files', '*', true],
  ['/files/', '/files/', false],
  ['/files/', '/files', true],
  ['/', '/anything', false],
  ['/users/{id}/keys', '/users/7/keys', false],
  ['/users/{id}/keys', '/users/7/names', true],
  ['/users/{id}/keys', '/users/7', true],
  ['/files/{path=**}', '/files/a/b', false],
])('a rule for %s decides on %s without a route: it is allowed: %s', (path, url, expected) => {
  const isAllowed = testOf(`deny all ${path}`);
  for (const route of [null, '*']) expect(isAllowed('192.0.2.1', { route, url })).toBe(expected);
});

test.each([
  'permit all',
  'deny',
  'deny nobody',
  'allow 10.0.0.0/33',
  'deny all graphql',
  'deny all /a /b',
  'deny all /a\u200b',
])('%j is no rule', (text) => {
  expect(accessRules.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([
    'must be rules such as allow 10.0.0.0/8 /internal, deny all /internal, deny 203.0.113.7, separated by commas',
  ]);
});
