import { expect, test } from 'vitest';
import { addressOf, BACKUP_PRIORITY } from './endpoint.ts';
import { parseEndpoints } from './endpoint-list.ts';

/** The entries of a list of addresses and names. */
const endpointsIn = (text: string, protocol: 'rest' | 'grpc') =>
  parseEndpoints(text, protocol).flatMap((entry) => ('endpoint' in entry ? [entry] : []));

const read = (text: string, protocol: 'rest' | 'grpc' = 'rest') =>
  endpointsIn(text, protocol).map(({ endpoint: { url, weight, max } }) => [url.href, weight, max]);

const ANY = Number.POSITIVE_INFINITY;

test('a list is parsed into its addresses in order, each with its own options', () => {
  expect(read(' http://a:8080 ,https://b/base;weight=2;max=500,,http://[::1]:81 ; max=1 ')).toEqual([
    ['http://a:8080/', 1, ANY],
    ['https://b/base', 2, 500],
    ['http://[::1]:81/', 1, 1],
  ]);
  expect(read('grpc://a:50051,grpcs://b', 'grpc')).toEqual([
    ['grpc://a:50051', 1, ANY],
    ['grpcs://b', 1, ANY],
  ]);
});

test.each(['', ' ', ',', ' , '])('a list without an address, %j, is rejected', (text) => {
  expect(() => parseEndpoints(text, 'rest')).toThrow('needs at least one address');
});

test.each([
  ['localhost:8080', 'rest', '"localhost:8080" is not an address such as http://127.0.0.1:8080'],
  ['a', 'grpc', '"a" is not an address such as grpc://127.0.0.1:8080'],
  ['http://', 'rest', '"http://" is not an address'],
  ['http://a:99999', 'rest', 'is not an address'],
  ['grpc://a:1', 'rest', '"grpc://" is not for a rest upstream: use http:// or https://'],
  ['http://a:1', 'grpc', '"http://" is not for a grpc upstream: use grpc:// or grpcs://'],
  ['http://a/b?key=secret', 'rest', '"http://a" must have no query or fragment'],
  ['http://a/#b', 'rest', '"http://a" must have no query or fragment'],
  ['http://user:secret@a:1', 'rest', '"http://…@a:1" must not carry credentials'],
  ['http://user:secret@', 'rest', 'is not an address'],
  ['http://user:the,secret@a', 'rest', '[redacted] is not an address'],
  ['user:secret@a:80', 'rest', '[redacted] is not an address'],
  ['http://user:pa;secret=w@a:99999', 'rest', 'is not an address'],
  ['http://user;secret@a', 'rest', '[redacted] is not an option'],
  ['http://u;weight=secret@a', 'rest', 'weight must be a whole number from 1, not [redacted]'],
  ['http://a:99999?key=secret', 'rest', 'is not an address'],
  ['http://a/b c', 'rest', '"http://a/b c" is not an address'],
  ['http://a:1\nhttp://b:1', 'rest', 'is not an address'],
  ['http://user:secret@a:99999', 'rest', 'is not an address'],
  [
    'http://a;weigth=2',
    'rest',
    '"weigth" is not an option of an endpoint (weight, max, priority, zone, labels, backup are)',
  ],
  ['http://a;weight=0', 'rest', 'weight must be a whole number from 1, not "0"'],
  ['http://a;weight=1.5', 'rest', 'weight must be a whole number from 1, not "1.5"'],
  ['http://a;weight=2=3', 'rest', 'weight must be a whole number from 1, not "2=3"'],
  ['http://a;max', 'rest', 'max must be a whole number from 1, not ""'],
  ['http://a;max=-1', 'rest', 'max must be a whole number from 1, not "-1"'],
  ['http://a;weight=2;weight=3', 'rest', 'weight contradicts an earlier option'],
  ['http://a;backup;priority=2', 'rest', 'priority contradicts an earlier option'],
  ['http://a;priority=100', 'rest', 'priority must be a whole number from 0 to 99, not "100"'],
  ['http://a;zone=', 'rest', 'zone must be a name such as eu-west-1a, not ""'],
  ['http://a;backup=1', 'rest', 'backup takes no value, not "1"'],
  ['http://a;labels=version', 'rest', 'labels must be at most 16 pairs such as version:v2+tier:gold'],
  ['http://a;labels=version:v1+version:v2', 'rest', 'each name once, not "version:v1+version:v2"'],
  ['file:orders.yaml', 'rest', '"orders.yaml" must be an absolute path, as in file:/etc/tributary/orders.yaml'],
  ['k8s://shop/orders', 'rest', '"k8s://shop/orders" must name a service and its port, as in k8s://shop/orders:http'],
  ['srv+http://orders.internal', 'rest', 'is not the name of a service such as srv+http://_orders._tcp.internal'],
  ['srv+http://_orders._tcp.internal:8080', 'rest', 'must have no port: SRV records have the ports'],
  ['dns+http://', 'rest', 'is not an address'],
  ['dns+grpc://a', 'rest', '"grpc://" is not for a rest upstream: use http:// or https://'],
  ['http://a;__proto__=1', 'rest', '"__proto__" is not an option'],
  ['http://good,http://a;max=1e3', 'rest', 'max must be a whole number from 1, not "1e3"'],
] as const)('%s is refused, saying why and never a secret', (text, protocol, message) => {
  expect(() => parseEndpoints(text, protocol)).toThrow(message);
  expect(() => parseEndpoints(text, protocol)).not.toThrow('secret');
});

test('an address may have a priority and a zone, or be a backup', () => {
  const read = endpointsIn('http://a;priority=2;zone=eu-1a,http://b;backup', 'rest').map(({ endpoint }) => endpoint);
  expect(read).toMatchObject([
    { priority: 2, zone: 'eu-1a' },
    { priority: BACKUP_PRIORITY, zone: '' },
  ]);
});

test('a name with dns+ is resolved to all its addresses; an address is not resolved', () => {
  const read = endpointsIn('dns+grpc://stock:8080;weight=2,dns+grpc://127.0.0.1:1,grpc://b', 'grpc');
  expect(read.map(({ by, endpoint }) => [by, addressOf(endpoint), endpoint.weight])).toEqual([
    ['dns', 'grpc://stock:8080', 2],
    ['address', 'grpc://127.0.0.1:1', 1],
    ['address', 'grpc://b', 1],
  ]);
});

test('a duplicate address with different options is rejected, one with the same options is dropped', () => {
  expect(() => parseEndpoints('http://a:1;weight=5,http://b:1,http://a:1;backup', 'rest')).toThrow(
    '"http://a:1" is listed twice with different options',
  );
  expect(parseEndpoints('http://a:1;weight=5,http://a:1/;weight=5', 'rest')).toHaveLength(2);
});

test('an address may have labels', () => {
  const [entry] = endpointsIn('http://a;labels=version:v2+region:eu-west', 'rest');
  expect(entry?.endpoint.labels).toEqual({ version: 'v2', region: 'eu-west' });
});
