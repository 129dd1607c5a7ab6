import { describe, expect, test } from 'vitest';
import { attackTable } from './attacks/attack-table.ts';

/** Numbers of the catalogue of known attacks that this test covers: HTTP envelope, documents, tokens, and calls to backends. */
const ENVELOPE = Array.from({ length: 26 }, (_, n) => n + 1);
const DOCUMENT = Array.from({ length: 26 }, (_, n) => n + 27);
const TOKENS = Array.from({ length: 12 }, (_, n) => n + 53);
const TO_A_BACKEND = [69, 70, 71, 72, 73, 74, 75, 79, 85, 88];

describe('the table of attacks', () => {
  const numbers = new Set(attackTable.map(({ number }) => number));

  test('has a row for every number of the catalogue', () => {
    expect([...ENVELOPE, ...DOCUMENT, ...TOKENS, ...TO_A_BACKEND].filter((number) => !numbers.has(number))).toEqual([]);
  });

  test('has no two rows with the same name', () => {
    const names = attackTable.map(({ number, title }) => `${number}: ${title}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});
