import { expect, test } from 'vitest';
import { clientKey, networkOf } from './client-key.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::ffff:0:192.0.2.7', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
  ['', 'unknown'],
  ['192.0.2.7.evil', 'unknown'],
  ['_hidden:8080', 'unknown'],
  // Ports and brackets are removed when the header is read.
  ['192.0.2.7:51234', 'unknown'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

const user = (subject: string, issuer = 'https://a.example') => ({ kind: 'user' as const, issuer, subject });

test('the key of a user depends neither on the address nor on rights', () => {
  const reader = { ...user('c1'), scopes: ['read'], roles: [] };
  const writer = { ...user('c1'), scopes: ['write'], roles: ['admin'] };
  expect(clientKey(reader, '192.0.2.1')).toBe(clientKey(writer, '192.0.2.2'));
});

test('equal subjects of different issuers have different keys, and no two callers share one', () => {
  const keys = [
    clientKey(user('c1'), ''),
    clientKey(user('c1', 'https://b.example'), ''),
    clientKey(user('","c1', 'https://a.example'), ''),
    clientKey(user('192.0.2.1'), ''),
    clientKey({ ...user('c1'), kind: 'api-key' }, ''),
    clientKey({ ...user('c1'), kind: 'certificate' }, ''),
    clientKey({ kind: 'anonymous' }, '192.0.2.1'),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test('a key contains neither subject nor issuer', () => {
  expect(clientKey(user('ada@example.org'), '')).not.toMatch(/ada|example/);
});
