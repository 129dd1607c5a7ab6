import { expect, test } from 'vitest';
import { jsonBody } from './json-body.ts';

test.each([
  [{ a: 1, b: [null, {}], c: undefined, d: 'null' }, '{"a":1,"b":[null,{}],"d":"null"}'],
  [{ id: 9223372036854775807n, all: [1n] }, '{"id":9223372036854775807,"all":[1]}'],
  [{ at: new Date(0), none: null }, '{"at":"1970-01-01T00:00:00.000Z","none":null}'],
  [null, 'null'],
  [0, '0'],
  ['', '""'],
  [[], '[]'],
  [5n, '5'],
])('%o is sent as %s', (body, text) => {
  expect(jsonBody(body)).toBe(text);
});

test.each([
  [{ a: Number.NaN }, '"a" in the body is NaN'],
  [{ a: { b: [Number.POSITIVE_INFINITY] } }, '"0" in the body is Infinity'],
  [[undefined], '"0" in the body is undefined in a list'],
  [[() => 1], '"0" in the body is a function'],
  [{ a: new Date(Number.NaN) }, '"a" in the body is an invalid Date'],
  [{ a: new Map([[1, 2]]) }, '"a" in the body is a Map or Set'],
  [new Set([1]), 'the body is a Map or Set'],
  [() => 1, 'the body is a function'],
  [Symbol('a'), 'the body is a symbol'],
])('%o is rejected, because JSON would change it', (body, message) => {
  expect(() => jsonBody(body)).toThrow(message);
});

test('a circular body is rejected', () => {
  const body: Record<string, unknown> = {};
  body.self = body;
  expect(() => jsonBody(body)).toThrow('circular');
});
