import { expect, test } from 'vitest';
import { readProtectedResource } from './protected-resource.ts';

const read = (text: string) => {
  const faults: string[] = [];
  return { resource: readProtectedResource(text, (fault) => void faults.push(fault)), faults };
};

test('a resource is an https URL, with scopes between spaces', () => {
  expect(read('https://shop.example/api;scopes=orders:read  stock:write')).toEqual({
    resource: { resource: 'https://shop.example/api', scopes: ['orders:read', 'stock:write'] },
    faults: [],
  });
  expect(read('http://127.0.0.1:4000').resource).toEqual({ resource: 'http://127.0.0.1:4000', scopes: [] });
});

test.each([
  ['shop', 'must be a URL without query and fragment'],
  ['https://shop.example?a=1', 'must be a URL without query and fragment'],
  ['https://shop.example/#a', 'must be a URL without query and fragment'],
  ['https://shop.example/"', 'must be a URL without query and fragment'],
  ['http://shop.example', 'must start with https://, except for this machine'],
  ['ftp://shop.example', 'must start with https://, except for this machine'],
  ['https://u:p@shop.example', 'must not contain a user or a password'],
  ['https://shop.example;scopes=a"b', 'scopes have characters that no scope has'],
  ['https://shop.example;scope=a', 'unknown option "scope"; it is written as'],
])('%s is refused: %s', (text, fault) => {
  const { resource, faults } = read(text);
  expect(resource).toBeNull();
  expect(faults).toEqual([expect.stringContaining(fault)]);
});
