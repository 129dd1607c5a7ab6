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
  expect(isAllowed(address, route)).toBe(expected);
});

test('a path with a slash at its end, and the root, are prefixes', () => {
  expect(testOf('deny all /files/')('192.0.2.1', '/files/{id}')).toBe(false);
  expect(testOf('deny all /')('192.0.2.1', '/graphql')).toBe(false);
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
