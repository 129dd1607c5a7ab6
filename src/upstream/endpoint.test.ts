import { expect, test } from 'vitest';
import { addressOf, parseEndpoints } from './endpoint.ts';

const read = (text: string, protocol: 'rest' | 'grpc' = 'rest') =>
  parseEndpoints(text, protocol).map(({ url, weight, max }) => [url.href, weight, max]);

const ANY = Number.POSITIVE_INFINITY;

test('a list is its addresses in order, each with its own options', () => {
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

test.each(['', ' ', ',', ' , '])('a list without an address, %j, is refused', (text) => {
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
  ['http://user:secret@a:99999', 'rest', 'is not an address'],
  ['http://a;weigth=2', 'rest', '"weigth" is not an option of an endpoint (weight, max are)'],
  ['http://a;weight=0', 'rest', 'weight must be a whole number from 1, not "0"'],
  ['http://a;weight=1.5', 'rest', 'weight must be a whole number from 1, not "1.5"'],
  ['http://a;weight=2=3', 'rest', 'weight must be a whole number from 1, not "2=3"'],
  ['http://a;max', 'rest', 'max must be a whole number from 1, not ""'],
  ['http://a;max=-1', 'rest', 'max must be a whole number from 1, not "-1"'],
  ['http://good,http://a;max=1e3', 'rest', 'max must be a whole number from 1, not "1e3"'],
] as const)('%s is refused, saying why and never a secret', (text, protocol, message) => {
  expect(() => parseEndpoints(text, protocol)).toThrow(message);
  expect(() => parseEndpoints(text, protocol)).not.toThrow('secret');
});

test('an operator sees where an endpoint is, and nothing that may be secret', () => {
  const secret = { url: new URL('http://user:pw@a:81/base?key=1#x'), weight: 1, max: 1 };
  expect(addressOf(secret)).toBe('http://a:81');
});
