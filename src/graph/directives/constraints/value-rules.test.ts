import { expect, test } from 'vitest';
import { ruleText, valueRules } from './value-rules.ts';

const brokenBy = (rules: Readonly<Record<string, unknown>>, value: string | number): string[] => {
  const { lengths, texts, numbers, items } = valueRules(new Map(Object.entries(rules)));
  const ofText = typeof value === 'string' ? [...lengths, ...texts].filter(({ holds }) => !holds(value)) : [];
  const ofNumber = typeof value === 'number' ? [...numbers, ...items].filter(({ holds }) => !holds(value)) : [];
  return [...ofText, ...ofNumber].map(({ name }) => name);
};

test.each([
  [{ minLength: 2 }, 'ab', true],
  [{ minLength: 2 }, 'a', false],
  [{ minLength: 2 }, '😀', false],
  [{ maxLength: 2 }, '😀😀', true],
  [{ maxLength: 2 }, '😀😀a', false],
  [{ maxLength: 0 }, '', true],
  [{ startsWith: 'ab' }, 'abc', true],
  [{ startsWith: 'ab' }, 'Abc', false],
  [{ endsWith: 'c' }, 'abc', true],
  [{ endsWith: 'c' }, 'abd', false],
  [{ contains: 'b' }, 'abc', true],
  [{ contains: 'b' }, 'ac', false],
  [{ notContains: 'b' }, 'abc', false],
  [{ notContains: 'b' }, 'ac', true],
  [{ pattern: '^[A-Z]{3}$' }, 'ABC', true],
  [{ pattern: '^[A-Z]{3}$' }, 'ABCD', false],
  [{ min: 1 }, 1, true],
  [{ min: 1 }, 0.5, false],
  [{ max: 1 }, 1, true],
  [{ max: 1 }, 2, false],
  [{ exclusiveMin: 1 }, 1, false],
  [{ exclusiveMin: 1 }, 1.1, true],
  [{ exclusiveMax: 1 }, 1, false],
  [{ exclusiveMax: 1 }, 0.9, true],
  [{ multipleOf: 5 }, 15, true],
  [{ multipleOf: 5 }, -15, true],
  [{ multipleOf: 5 }, 16, false],
  [{ multipleOf: 0.1 }, 0.3, true],
  [{ multipleOf: 0.1 }, 0.35, false],
  [{ multipleOf: 0.01 }, 1_000_000.01, true],
  [{ minItems: 1 }, 0, false],
  [{ maxItems: 1 }, 1, true],
] as const)('the rule %o and the value %j: %s', (rules, value, isValid) => {
  expect(brokenBy(rules, value)).toEqual(isValid ? [] : Object.keys(rules));
});

test.each([
  ['email', ['ada@example.com', 'a.b+c@mail.example.org'], ['ada', 'ada@', '@example.com', 'a b@example.com', '']],
  ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567e89b12d3a456426614174000', 'x']],
  ['uri', ['https://example.com/a?b#c', 'urn:isbn:1'], ['example.com', ' https://example.com', 'https://a b', '/a']],
  ['date', ['2026-02-28'], ['2026-02-30', '2026-2-1', '2026-02-28T00:00:00Z']],
  ['date-time', ['2026-02-28T12:00:00Z', '2026-02-28T12:00:00.5+01:00'], ['2026-02-28', '2026-02-28T12:00:00']],
  ['ipv4', ['192.0.2.1'], ['192.0.2.256', '192.0.2', '::1']],
  ['ipv6', ['2001:db8::1', '::1'], ['192.0.2.1', '2001:db8::g', ':::']],
  ['byte', ['aGVsbG8=', ''], ['a', 'aGVsbG8', '%%%=']],
])('the format %s', (format, valid, invalid) => {
  for (const text of valid) expect(brokenBy({ format }, text), text).toEqual([]);
  for (const text of invalid) expect(brokenBy({ format }, text), text).toEqual(['format']);
});

test('a pattern and a format see at most 1,000 characters unless maxLength allows more', () => {
  const long = 'a'.repeat(1_001);
  expect(brokenBy({ pattern: 'a' }, long)).toEqual(['pattern']);
  expect(brokenBy({ pattern: 'a' }, 'a'.repeat(1_000))).toEqual([]);
  expect(brokenBy({ pattern: 'a', maxLength: 10_000 }, long)).toEqual([]);
  expect(brokenBy({ format: 'byte' }, 'a'.repeat(4_000))).toEqual([]);
});

test('the text for clients names every rule', () => {
  expect(ruleText(new Map(Object.entries({ maxLength: 1, format: 'byte' })), false)).toBe(
    'Must have at most 1 character, and have the format byte.',
  );
  expect(ruleText(new Map(Object.entries({ minItems: 1, maxItems: 9, min: 0 })), true)).toBe(
    'Must have at least 1 item, and have at most 9 items. Each item must be at least 0.',
  );
});
