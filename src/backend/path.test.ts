import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../errors.ts';
import { expandPath, queryString } from './path.ts';

/** Strings that reach another resource, host or request where they are put into an address as they are. */
const HOSTILE = [
  '%2e%2e',
  '%2E',
  '..;',
  '../..',
  'a/../b',
  'a?x=1',
  'a#f',
  ';x=1',
  '．．',
  '//evil',
  'http://evil',
  '\\\\evil',
  '/\\evil',
  '@evil.com',
  ':80@evil',
  'a\r\nHost: evil',
  'a\r\n\r\nGET /admin HTTP/1.1',
  'a\0b',
  '$&',
  "$'",
  '{id}',
  '%',
  '\u202e',
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.string({
    unit: fc.constantFrom('.', '/', '\\', '%', '2', 'e', '?', '#', '@', ':', ';', '\r', '\n', '\0', '\ud800'),
  }),
  fc.constantFrom(...HOSTILE),
);

const refusal = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

test('any text is refused as bad input, or is exactly one segment that decodes to itself', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const path = refusal(() => expandPath('/orders/{id}/items', { id: text }));
      if (path instanceof Error) {
        expect(path).toMatchObject({ code: 'BAD_USER_INPUT' });
        expect(['', '.', '..'].includes(text) || !text.isWellFormed()).toBe(true);
        return;
      }
      // What a server makes of it: the URL's own parser walks up, joins and cuts.
      const url = new URL(`http://shop.internal${path}`);
      const segments = url.pathname.split('/');
      expect({ host: url.host, search: url.search, hash: url.hash, segments: segments.length }).toEqual({
        host: 'shop.internal',
        search: '',
        hash: '',
        segments: 4,
      });
      expect([segments[1], decodeURIComponent(segments[2] ?? ''), segments[3]]).toEqual(['orders', text, 'items']);
    }),
    { numRuns: 1_000 },
  );
});

test.each(HOSTILE)('%j in place of an id stays in its segment', (text) => {
  expect(expandPath('/a/{id}', { id: text })).toMatch(/^\/a\/[A-Za-z0-9%!'()*~._-]+$/);
});

test.each(['', '.', '..', '\ud800', 'a\udfff'])('%j is no segment', (text) => {
  expect(refusal(() => expandPath('/a/{id}', { id: text }))).toBeInstanceOf(GatewayError);
});

test('several names are filled each with its own value, and one name everywhere it stands', () => {
  expect(expandPath('/{b}/{a}/{b}', { a: 1, b: 'x y' })).toBe('/x%20y/1/x%20y');
  expect(expandPath('/plain', {})).toBe('/plain');
});

test('numbers that ids may be are written out in full', () => {
  expect(expandPath('/{id}', { id: 12345678901234567890n })).toBe('/12345678901234567890');
  expect(expandPath('/{id}', { id: -1 })).toBe('/-1');
});

test.each(['id', 'constructor', '__proto__', 'toString'])(
  'a name without a value of its own is a mistake: {%s}',
  (name) => {
    const error = refusal(() => expandPath(`/a/{${name}}`, {}));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(GatewayError);
  },
);

test('a query decodes to what it was made of, whatever that is', () => {
  const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
      const query = Object.fromEntries(pairs);
      // Not URLSearchParams alone: an address on its way through URL loses what is not encoded.
      const read = new URL(`http://shop.internal/a${queryString(query)}`).searchParams;
      expect([...read].toSorted()).toEqual(Object.entries(query).toSorted());
    }),
  );
});

test('a list repeats its name, null and undefined leave it out, and nothing is no question mark', () => {
  expect(queryString({ ids: ['a', 'b', null], open: false, first: 0, after: null, text: undefined, none: [] })).toBe(
    '?ids=a&ids=b&open=false&first=0',
  );
  expect(queryString({ after: null })).toBe('');
});

test('a query value that is not well-formed text is bad input', () => {
  expect(refusal(() => queryString({ text: 'a\ud800' }))).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('a module that makes its templates up gets each filled all the same', () => {
  const paths = Array.from({ length: 2_000 }, (_, at) => expandPath(`/of-${at}/{id}/tail`, { id: at }));
  expect(paths).toEqual(Array.from({ length: 2_000 }, (_, at) => `/of-${at}/${at}/tail`));
});
