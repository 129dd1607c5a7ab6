import { expect, test } from 'vitest';
import { readRoutePattern } from '../../backend/routes/route-pattern.ts';
import { RouteTable } from './route-table.ts';

const tableOf = (...keys: string[]): RouteTable<string> => {
  const table = new RouteTable<string>();
  for (const key of keys) {
    const read = readRoutePattern(key);
    if (read.is === 'invalid') throw new Error(`${key} ${read.problem}`);
    table.add(read.value, key);
  }
  return table;
};

const table = tableOf(
  ...['GET /files/{id}', 'GET /files/recent', 'POST /files', 'GET /files/{id}/parts/{part}', 'GET /s/{path=**}'],
  ...['GET /s/{name}', 'GET /s/known/one', 'DELETE /files/{id}', 'HEAD /files/recent'],
);

test.each([
  ['GET', '/files/7', 'GET /files/{id}', { id: '7' }],
  ['HEAD', '/files/7', 'GET /files/{id}', { id: '7' }],
  ['GET', '/files/recent', 'GET /files/recent', {}],
  ['HEAD', '/files/recent', 'HEAD /files/recent', {}],
  ['DELETE', '/files/recent', 'DELETE /files/{id}', { id: 'recent' }],
  ['GET', '/files/recent/parts/2', 'GET /files/{id}/parts/{part}', { id: 'recent', part: '2' }],
  ['GET', '/s/a', 'GET /s/{name}', { name: 'a' }],
  ['GET', '/s/a/b', 'GET /s/{path=**}', { path: 'a/b' }],
  ['GET', '/s/known/one', 'GET /s/known/one', {}],
  ['GET', '/s/known/two', 'GET /s/{path=**}', { path: 'known/two' }],
  ['GET', '/s/a/', 'GET /s/{path=**}', { path: 'a/' }],
])('%s %s is %s', (method, path, entry, variables) => {
  expect(table.find(method, path)).toEqual({ entry, variables });
});

test.each([
  ['GET', '/files/'],
  ['GET', '/files'],
  ['GET', '/Files/7'],
  ['GET', '/files/7/'],
  ['GET', '/s/'],
  ['TRACE', '/files/7'],
  ['GET', '/'],
  ['GET', '/__proto__'],
])('%s %s has no route', (method, path) => {
  expect(table.find(method, path)).toBeNull();
});

test('the methods of a path are those of all its routes', () => {
  expect([table.methodsOf('/files/7'), table.methodsOf('/files/recent'), table.methodsOf('/x')]).toEqual([
    ['GET', 'HEAD', 'DELETE'],
    ['GET', 'HEAD', 'DELETE'],
    [],
  ]);
});
