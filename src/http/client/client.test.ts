import { expect, test } from 'vitest';
import { type Client, clientReader } from './client.ts';
import { publicHosts } from './public-hosts.ts';

const PROXIES = ['10.0.0.0/8', 'fd00::/8', '::ffff:172.16.0.0/108'];
const readWith = (trustedProxies: readonly string[]) => {
  const reader = clientReader({ trustedProxies });
  return (address: string | undefined, headers: Record<string, string>): Client =>
    reader({ headers }, { address, scheme: 'http', certificate: null });
};
const read = readWith(PROXIES);

const addressFor = (headers: Record<string, string>, peer = '10.0.0.1'): string => read(peer, headers).address;

test.each([
  // Notations of one client by proxies, in X-Forwarded-For and as `for=` of Forwarded.
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:5001', '203.0.113.7'],
  [' 203.0.113.7 ', '203.0.113.7'],
  ['"203.0.113.7"', '203.0.113.7'],
  ['"203.0.113.7:5001"', '203.0.113.7'],
  ['203.0.113.7:_port', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:203.0.113.7]:5001', '203.0.113.7'],
  ['::FFFF:CB00:7107', '203.0.113.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:5001', '2001:db8::1'],
  ['"[2001:db8::1]:5001"', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  // Not an address: the client is the last known proxy.
  ['unknown', '10.0.0.1'],
  ['Unknown', '10.0.0.1'],
  ['_hidden', '10.0.0.1'],
  ['_SEVKISEK', '10.0.0.1'],
  ['"_gazonk"', '10.0.0.1'],
  ['client.example', '10.0.0.1'],
  ['203.0.113.7.evil', '10.0.0.1'],
  ['203.0.113.07', '10.0.0.1'],
  ['203.0.113.7:123456', '10.0.0.1'],
  ['[203.0.113.7', '10.0.0.1'],
  ['"203.0.113.7', '10.0.0.1'],
  ['', '10.0.0.1'],
])('the client is read from the node %s as %s', (node, address) => {
  expect(addressFor({ 'x-forwarded-for': node })).toBe(address);
  expect(addressFor({ 'x-forwarded-for': `198.51.100.9, ${node}, 10.0.0.2` })).toBe(
    address === '10.0.0.1' ? (node === '' ? '198.51.100.9' : '10.0.0.2') : address,
  );
  const quoted = node.includes('"') ? node : `"${node}"`;
  expect(addressFor({ forwarded: `for=${quoted}` })).toBe(address);
  expect(addressFor({ forwarded: `by=10.0.0.3;FOR=${quoted};proto=https` })).toBe(address);
});

test.each([
  ['for=192.0.2.43, for=198.51.100.17', '198.51.100.17'],
  ['for=192.0.2.43,For="[2001:db8:cafe::17]:4711";by="a,b;c",  for=10.1.1.1;host="x\\",y"', '2001:db8:cafe::17'],
  ['for=192.0.2.43, proto=https', '10.0.0.1'],
  ['for=192.0.2.43, proto=https, for=10.1.1.1', '10.1.1.1'],
  ['for=192.0.2.43;for=198.51.100.17', '198.51.100.17'],
  ['for="192.0.2\\.43"', '192.0.2.43'],
  ['192.0.2.43', '10.0.0.1'],
  ['for=', '10.0.0.1'],
  ['for="192.0.2.43', '10.0.0.1'],
  [',;,=;', '10.0.0.1'],
  // A quote opened by a client must not hide the proxies' elements.
  ['for="hidden, for=203.0.113.7', '203.0.113.7'],
  ['for="hidden, for="[2001:db8::1]:80"', '2001:db8::1'],
  ['for="hidden\\, for="[2001:db8::1]:80"', '2001:db8::1'],
])('Forwarded %s yields %s', (forwarded, address) => {
  expect(addressFor({ forwarded })).toBe(address);
});

test.each([
  // [peer, X-Forwarded-For, client]
  ['198.51.100.1', '203.0.113.7', '198.51.100.1'],
  ['10.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['::ffff:10.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['172.16.3.4', '203.0.113.7', '203.0.113.7'],
  ['fd00::1', '203.0.113.7', '203.0.113.7'],
  ['10.0.0.1', '192.0.2.9, 203.0.113.7, 10.0.0.2, [fd00::5]:80', '203.0.113.7'],
  ['10.0.0.1', '10.0.0.4, 10.0.0.3', '10.0.0.4'],
  ['10.0.0.1', 'unknown, 10.0.0.3', '10.0.0.3'],
  ['10.0.0.1', '"hidden, 203.0.113.7', '203.0.113.7'],
  ['10.0.0.1', `203.0.113.7, ${'10.0.0.2,'.repeat(40)}`, '10.0.0.2'],
  ['::1', '203.0.113.7', '::1'],
])('peer %s with X-Forwarded-For %s is the client %s', (peer, header, address) => {
  expect(addressFor({ 'x-forwarded-for': header }, peer)).toBe(address);
});

test('X-Forwarded-For takes precedence over Forwarded', () => {
  const forwarded = 'for=198.51.100.1';
  expect(addressFor({ forwarded, 'x-forwarded-for': '203.0.113.7' })).toBe('203.0.113.7');
  expect(addressFor({ forwarded, 'x-forwarded-for': 'unknown' })).toBe('10.0.0.1');
  expect(addressFor({ forwarded })).toBe('198.51.100.1');
});

test('headers of an untrusted peer are ignored, and no proxy is trusted by default', () => {
  const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7', 'x-forwarded-proto': 'https' };
  const direct = { isForwarded: false, scheme: 'http', host: null, certificate: null };
  expect(read('198.51.100.1', headers)).toEqual({ address: '198.51.100.1', ...direct });
  expect(readWith([])('127.0.0.1', headers)).toEqual({ address: '127.0.0.1', ...direct });
  expect(read(undefined, headers)).toEqual({ address: '', ...direct });
});

test('the scheme is taken from the last proxy', () => {
  const schemeFor = (headers: Record<string, string>) => read('10.0.0.1', headers).scheme;
  expect(schemeFor({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'http, HTTPS' })).toBe('https');
  expect(schemeFor({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https, gopher' })).toBe('http');
  expect(schemeFor({ forwarded: 'for=203.0.113.7;proto=http, for=10.0.0.2;proto="https"' })).toBe('https');
  expect(schemeFor({ 'x-forwarded-for': '203.0.113.7' })).toBe('http');
});

test('the scheme of a TLS connection is https, unless a trusted proxy sets another one', () => {
  const reader = clientReader({ trustedProxies: PROXIES });
  const over = (address: string, headers: Record<string, string>) =>
    reader({ headers }, { address, scheme: 'https', certificate: null }).scheme;
  expect(over('198.51.100.1', { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'http' })).toBe('https');
  expect(over('10.0.0.1', { 'x-forwarded-for': '1.2.3.4' })).toBe('https');
  expect(over('10.0.0.1', { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'http' })).toBe('http');
});

test.each([
  // [peer, url, headers, host]
  ['198.51.100.1', '/graphql', { host: 'shop.example' }, 'shop.example'],
  ['198.51.100.1', '/graphql', { host: 'evil.test' }, null],
  ['198.51.100.1', '/graphql', {}, null],
  [
    '198.51.100.1',
    '/graphql',
    { host: 'evil.test', 'x-forwarded-for': '1.1.1.1', 'x-forwarded-host': 'shop.example' },
    null,
  ],
  ['198.51.100.1', 'http://evil.test/graphql', { host: 'shop.example' }, null],
  ['198.51.100.1', 'HTTP://shop.example:80/graphql', { host: 'evil.test' }, 'shop.example:80'],
  [
    '10.0.0.1',
    '/graphql',
    { host: 'gateway', 'x-forwarded-for': '1.1.1.1', 'x-forwarded-host': 'shop.example' },
    'shop.example',
  ],
  [
    '10.0.0.1',
    '/graphql',
    { host: 'shop.example', 'x-forwarded-for': '1.1.1.1', 'x-forwarded-host': 'shop.example, evil.test' },
    null,
  ],
  ['10.0.0.1', '/graphql', { host: 'shop.example', 'x-forwarded-for': '1.1.1.1' }, 'shop.example'],
  ['10.0.0.1', '/graphql', { host: 'gateway', forwarded: 'for=1.1.1.1;host="shop.example:8443"' }, 'shop.example:8443'],
])('peer %s, URL %s and headers %j request the host %s', (address, url, headers, host) => {
  const reader = clientReader({ trustedProxies: PROXIES, hosts: publicHosts(['shop.example']) });
  expect(reader({ url, headers }, { address, scheme: 'http', certificate: null }).host).toBe(host);
});
