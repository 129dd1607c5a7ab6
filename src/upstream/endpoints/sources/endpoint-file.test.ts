import { expect, test } from 'vitest';
import { BACKUP_PRIORITY } from '../endpoint.ts';
import type { FileEntry } from '../endpoint-list.ts';
import { parseEndpointFile } from './endpoint-file.ts';

const entry = (path = '/orders.yaml', options: FileEntry['options'] = {}): FileEntry => ({
  by: 'file',
  path,
  protocol: 'rest',
  options,
});

test('a list of addresses in JSON has options of its own, before those of the entry', () => {
  const text = '["http://10.0.0.1:8080/api;weight=2;zone=b", "https://orders.internal;backup"]';
  const { endpoints } = parseEndpointFile(text, entry('/orders.json', { zone: 'a', max: 7 }));
  expect(endpoints).toMatchObject([
    { url: new URL('http://10.0.0.1:8080/api'), weight: 2, zone: 'b', max: 7 },
    { url: new URL('https://orders.internal/'), weight: 1, zone: 'a', max: 7, priority: BACKUP_PRIORITY },
  ]);
});

test('a file of Prometheus is read: targets without scheme, labels, and its own labels left out', () => {
  const text = `
- targets: ['10.0.0.1:8080', '10.0.0.2:8080;weight=3']
  labels: { version: v2, __meta_datacenter: x, team: 'Shop & Co' }
- targets: [10.0.0.3:8443]
  labels: { __scheme__: https, version: 3 }
- targets: []
`;
  const { endpoints, fault } = parseEndpointFile(text, entry());
  expect(endpoints.map(({ url, weight, labels }) => [url.href, weight, labels])).toEqual([
    ['http://10.0.0.1:8080/', 1, { version: 'v2' }],
    ['http://10.0.0.2:8080/', 3, { version: 'v2' }],
    ['https://10.0.0.3:8443/', 1, { version: '3' }],
  ]);
  expect(fault).toBe('labels left out: team');
});

test('a list without endpoints is valid', () => {
  expect(parseEndpointFile('[]', entry())).toEqual({ endpoints: [], fault: null });
});

test.each([
  ['', 'the file is empty'],
  ['- targets: ["10.0.0.1:80", "10.0', 'Missing closing "quote'],
  ['orders: 1', 'the file must be a list of addresses or groups'],
  ['- 7', '0 must be an address, or a group with targets and labels'],
  ['- targets: ["a b"]', '"http://a b" is not an address'],
  ['- http://a;wieght=2', '"wieght" is not an option of an endpoint'],
  ['- http://user:secret@a', 'must not carry credentials'],
  ['- grpc://a', '"grpc://" is not for a rest upstream'],
])('%j is rejected', (text, message) => {
  expect(() => parseEndpointFile(text, entry())).toThrow(message);
  expect(() => parseEndpointFile(text, entry())).not.toThrow('secret');
});

test('half of a JSON file is rejected', () => {
  const text = JSON.stringify(['http://10.0.0.1:8080', 'http://10.0.0.2:8080']);
  for (let length = 0; length < text.length; length += 1)
    expect(() => parseEndpointFile(text.slice(0, length), entry('/orders.json'))).toThrow();
});
