import { expect, test } from 'vitest';
import { compiled, planted, STORE_MODULE } from './planted/compiled.ts';
import { DECLARING } from './planted/declaring.ts';
import { LOADING } from './planted/loading.ts';
import type { Mistake } from './planted/planted.ts';
import { POLICIES, VALID_POLICIES } from './planted/policies.ts';
import { READING } from './planted/reading.ts';
import { RESULTS } from './planted/results.ts';
import { SHARED, VALID } from './planted/valid.ts';

const MAX_MESSAGE_LENGTH = 400;
/** Time limit in milliseconds: each test compiles more than fifty modules. */
const TIMEOUT_MS = 180_000;

const linesOf = (text: string): string[] => text.split('\n');

/** The line with the text `at`; default the first line that differs from the original module. */
const lineOf = ({ at }: Mistake, text: string): number => {
  const original = linesOf(STORE_MODULE);
  return (
    1 + linesOf(text).findIndex((line, index) => (at === undefined ? line !== original[index] : line.includes(at)))
  );
};

test(
  'a module with one mistake has one compile error, on its line, with a short message',
  () => {
    const mistakes = [...RESULTS, ...READING, ...LOADING, ...DECLARING, ...POLICIES];
    const texts = mistakes.map(({ from, to }) => planted(STORE_MODULE, from, to));
    const found = compiled(texts);
    const expected = mistakes.map((mistake, index) => ({
      what: mistake.what,
      errors: [{ line: lineOf(mistake, texts[index] ?? ''), message: expect.stringContaining(mistake.says) }],
    }));
    expect(mistakes.map(({ what }, index) => ({ what, errors: found[index] }))).toMatchObject(expected);
    const long = mistakes.filter((_, index) =>
      found[index]?.some(({ message }) => message.length >= MAX_MESSAGE_LENGTH),
    );
    expect(long.map(({ what }) => what)).toEqual([]);
    expect(mistakes.length).toBeGreaterThan(110);
  },
  TIMEOUT_MS,
);

test(
  'variations of a correct module compile',
  () => {
    const module = planted(STORE_MODULE, 'const shelfOf', SHARED);
    const valid = [...VALID, ...VALID_POLICIES];
    const found = compiled(
      valid.map(({ from, to, also }) => {
        const text = from === '' ? module : planted(module, from, to);
        return also === undefined ? text : planted(text, ...also);
      }),
    );
    expect(valid.map(({ what }, index) => ({ what, errors: found[index] }))).toEqual(
      valid.map(({ what }) => ({ what, errors: [] })),
    );
  },
  TIMEOUT_MS,
);
