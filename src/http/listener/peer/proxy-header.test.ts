import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readProxyHeader } from './proxy-header.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (length: number, source: string | null) => ({ is: 'read', length, source });
const after = (header: string) => Buffer.from(`${header}GET / HTTP/1.1\r\n`, 'latin1');

test.each<[string, string | null]>([
  ['PROXY TCP4 203.0.113.9 192.0.2.1 50000 443\r\n', '203.0.113.9'],
  ['PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n', '0.0.0.0'],
  ['PROXY TCP6 2001:DB8::1 ::1 1 2\r\n', '2001:db8::1'],
  ['PROXY TCP6 ::ffff:203.0.113.9 ::1 1 2\r\n', '203.0.113.9'],
  ['PROXY UNKNOWN\r\n', null],
  ['PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n', null],
])('version 1: %j has the client %s', (header, source) => {
  expect(readProxyHeader(after(header))).toEqual(read(header.length, source));
  for (let length = 0; length < header.length; length += 1)
    expect(readProxyHeader(Buffer.from(header.slice(0, length), 'latin1'))).toEqual({ is: 'incomplete' });
});

test.each([
  'GET / HTTP/1.1\r\n',
  'PROXY\r\n',
  'PROXX TCP4 1.1.1.1 2.2.2.2 1 2\r\n',
  'PROXY \r\n',
  'PROXY TCP4\r\n',
  'PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n',
  'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n',
  'PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n',
  'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n',
  'PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n',
  'PROXY TCP4 01.1.1.1 2.2.2.2 1 2\r\n',
  'PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n',
  'PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n',
  'PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n',
  'PROXY TCP4 ::1 ::1 1 2\r\n',
  'PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n',
  'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n',
  'PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n',
  'PROXY tcp4 1.1.1.1 2.2.2.2 1 2\r\n',
  `PROXY UNKNOWN ${'x'.repeat(200)}\r\n`,
  `PROXY UNKNOWN ${'x'.repeat(200)}`,
  'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n\r\n',
  '\x16\x03\x01\x02\x00',
])('version 1: %j is invalid', (header) => {
  expect(readProxyHeader(Buffer.from(header, 'latin1'))).toMatchObject({ is: 'invalid' });
});

const TCP4 = 'cb007109 c0000201 c350 01bb';
const TCP6 = '20010db8000000000000000000000001 00000000000000000000000000000001 0001 0002';

test.each<[string, string, string | null]>([
  ['TCP over IPv4', `${SIGNATURE} 21 11 000c ${TCP4}`, '203.0.113.9'],
  ['TCP over IPv6', `${SIGNATURE} 21 21 0024 ${TCP6}`, '2001:db8::1'],
  ['an extension', `${SIGNATURE} 21 11 0010 ${TCP4} 04 0001 00`, '203.0.113.9'],
  ['a connection of the proxy itself', `${SIGNATURE} 20 00 0000`, null],
  ['a connection of the proxy itself with addresses', `${SIGNATURE} 20 11 000c ${TCP4}`, null],
  ['an unspecified family', `${SIGNATURE} 21 00 0000`, null],
  ['a Unix socket', `${SIGNATURE} 21 31 00d8 ${'61'.repeat(216)}`, null],
])('version 2: %s', (_title, header, source) => {
  const bytes = hex(header);
  expect(readProxyHeader(Buffer.concat([bytes, Buffer.from('GET')]))).toEqual(read(bytes.length, source));
  for (let length = 0; length < bytes.length; length += 1)
    expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ is: 'incomplete' });
});

test.each([
  ['version 1', `${SIGNATURE} 11 11 000c ${TCP4}`],
  ['version 3', `${SIGNATURE} 31 11 000c ${TCP4}`],
  ['an unknown command', `${SIGNATURE} 22 11 000c ${TCP4}`],
  ['UDP', `${SIGNATURE} 21 12 000c ${TCP4}`],
  ['an unknown family', `${SIGNATURE} 21 41 000c ${TCP4}`],
  ['missing addresses', `${SIGNATURE} 21 11 000b ${TCP4}`],
  ['missing addresses of IPv6', `${SIGNATURE} 21 21 000c ${TCP4}`],
  ['64 KiB', `${SIGNATURE} 21 11 ffff ${TCP4}`],
  ['another signature', `${SIGNATURE.slice(0, -2)}0b 21 11 000c ${TCP4}`],
])('version 2: %s is invalid', (_title, header) => {
  expect(readProxyHeader(hex(header))).toMatchObject({ is: 'invalid' });
});

test('no bytes throw, and a longer beginning never turns a result into another one', () => {
  const beginning = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([hex(SIGNATURE), bytes])),
    fc.string({ maxLength: 120 }).map((text) => Buffer.from(`PROXY ${text}\r\n`, 'latin1')),
  );
  fc.assert(
    fc.property(beginning, fc.nat(300), (bytes, cut) => {
      const [before, whole] = [readProxyHeader(bytes.subarray(0, cut)), readProxyHeader(bytes)];
      if (before.is !== 'incomplete') expect(whole).toEqual(before);
    }),
    { numRuns: 5_000, seed: 1 },
  );
});
