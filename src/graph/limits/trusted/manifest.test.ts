import { expect, test } from 'vitest';
import { parseManifest } from './manifest.ts';

const apollo = (operations: unknown, version: unknown = 1): string =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version, operations });

test('the manifest of Apollo has its texts by id', () => {
  const json = apollo([
    { id: 'a1', name: 'A', type: 'query', body: 'query A { a }' },
    { id: 'b2', name: 'B', type: 'mutation', body: 'mutation B { b }' },
  ]);
  expect([...parseManifest(json)]).toEqual([
    ['a1', 'query A { a }'],
    ['b2', 'mutation B { b }'],
  ]);
});

test('an object of texts by id is a manifest, even with an entry that is called format', () => {
  expect([...parseManifest('{"format":"{ a }","d41d8":"{ b }"}')]).toEqual([
    ['format', '{ a }'],
    ['d41d8', '{ b }'],
  ]);
});

test.each([
  ['is not JSON', '{"a":'],
  ['is not a JSON object', '["{ a }"]'],
  ['is not a JSON object', 'null'],
  ['has no text for the id a', '{"a":1}'],
  ['has no text for the id a', '{"a":"  "}'],
  ['has an id that is not a text of 1 to 255 characters (entry 1)', '{"":"{ a }"}'],
  ['has an id that is not a text of 1 to 255 characters (entry 1)', JSON.stringify({ ['x'.repeat(256)]: '{ a }' })],
  ['has another version than 1 of the manifest format of Apollo', apollo([], 2)],
  ['has no list of operations', apollo({})],
  [
    'has an id that is not a text of 1 to 255 characters (operation 2)',
    apollo([{ id: 'a', body: '{ a }' }, { body: '{ b }' }]),
  ],
  ['has an id that is not a text of 1 to 255 characters (operation 1)', apollo([null])],
  ['has no text for the id a', apollo([{ id: 'a' }])],
  [
    'has two documents with the id a',
    apollo([
      { id: 'a', body: '{ a }' },
      { id: 'a', body: '{ b }' },
    ]),
  ],
])('a manifest that %s is refused: %s', (reason, json) => {
  expect(() => parseManifest(json)).toThrow(new Error(reason));
});
