import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { expandPath, queryString, withQuery } from './path.ts';

/** Strings that reach another resource, host or request if put into a URL unencoded. */
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

test('any text is rejected as bad input, or is exactly one segment that decodes to itself', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const path = refusal(() => expandPath('/orders/{id}/items', { id: text }));
      if (path instanceof Error) {
        expect(path).toMatchObject({ code: 'BAD_USER_INPUT' });
        expect(['', '.', '..'].includes(text) || !text.isWellFormed()).toBe(true);
        return;
      }
      // Normalizes like a server: the URL parser resolves dots, joins and splits.
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

test.each(HOSTILE)('%j as an id stays in its segment', (text) => {
  expect(expandPath('/a/{id}', { id: text })).toMatch(/^\/a\/[A-Za-z0-9%!'()*~._-]+$/);
});

const BOOK = '/v1/{name=publishers/*/books/*}:copy';

test('a resource name keeps its segments, each encoded', () => {
  expect(expandPath(BOOK, { name: 'publishers/a b/books/?' })).toBe('/v1/publishers/a%20b/books/%3F:copy');
});

test.each([
  '',
  'publishers/a',
  'publishers/a/books/b/c',
  'shops/a/books/b',
  'publishers//books/b',
  'publishers/../books/b',
])('%j is not a resource name of its pattern', (name) => {
  expect(refusal(() => expandPath(BOOK, { name }))).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test.each(['/{name=}', '/{name=a//b}', '/{name=**}', '/{=a}', '/a?b={name=a/*}'])(
  'the pattern in %j is an error',
  (template) => {
    expect(refusal(() => expandPath(template, { name: 'a' }))).toMatchObject({
      message: expect.stringContaining('a pattern has segments'),
    });
  },
);

test.each(['', '.', '..', '\ud800', 'a\udfff'])('%j is not a valid segment', (text) => {
  expect(refusal(() => expandPath('/a/{id}', { id: text }))).toBeInstanceOf(GatewayError);
});

test('several names are filled each with its own value, and a repeated name in each place', () => {
  expect(expandPath('/{b}/{a}/{b}', { a: 1, b: 'x y' })).toBe('/x%20y/1/x%20y');
  expect(expandPath('/plain', {})).toBe('/plain');
});

test('numeric ids are written out in full', () => {
  expect(expandPath('/{id}', { id: 12345678901234567890n })).toBe('/12345678901234567890');
  expect(expandPath('/{id}', { id: -1 })).toBe('/-1');
});

test.each(['id', 'constructor', '__proto__', 'toString'])('a name without a value is an error: {%s}', (name) => {
  const error = refusal(() => expandPath(`/a/{${name}}`, {}));
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(GatewayError);
});

test('every query decodes to its input', () => {
  const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
      const query = Object.fromEntries(pairs);
      // Not URLSearchParams alone: passing through URL removes what is not encoded.
      const read = new URL(`http://shop.internal/a${queryString(query)}`).searchParams;
      expect([...read].toSorted()).toEqual(Object.entries(query).toSorted());
    }),
  );
});

test('a list repeats its name, null and undefined leave it out, and an empty query has no question mark', () => {
  expect(queryString({ ids: ['a', 'b', null], open: false, first: 0, after: null, text: undefined, none: [] })).toBe(
    '?ids=a&ids=b&open=false&first=0',
  );
  expect(queryString({ after: null })).toBe('');
});

test('a query value that is not well-formed text is bad input', () => {
  expect(refusal(() => queryString({ text: 'a\ud800' }))).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('more templates than are memoized are filled all the same', () => {
  const paths = Array.from({ length: 2_000 }, (_, at) => expandPath(`/of-${at}/{id}/tail`, { id: at }));
  expect(paths).toEqual(Array.from({ length: 2_000 }, (_, at) => `/of-${at}/${at}/tail`));
});

test.each([
  ['/search?kind=a', {}, {}, '/search?kind=a'],
  ['/search?kind=a', {}, { first: 2 }, '/search?kind=a&first=2'],
  ['/search?', {}, { first: 2 }, '/search?first=2'],
  ['/search?kind=a&', {}, { first: 2 }, '/search?kind=a&first=2'],
  ['/search?kind=a', {}, { kind: 'b' }, '/search?kind=a&kind=b'],
  ['/of/{id}?q={q}', { id: 'a?b', q: '' }, { first: null }, '/of/a%3Fb?q='],
  ['/of/{id}?q={q}&r={r}', { id: '1', q: 'a&b=c#d', r: '..' }, {}, '/of/1?q=a%26b%3Dc%23d&r=..'],
  ['/of/{id}', { id: '?a=b' }, { first: 2 }, '/of/%3Fa%3Db?first=2'],
])('the query of the template %s precedes that of the call', (template, values, query, target) => {
  expect(withQuery(expandPath(template, values), query)).toBe(target);
});

test.each([
  'things',
  '',
  'http://other.internal/',
  '/a#b',
  '/a b',
  '/größe',
  '/a/{id',
  '/a/id}',
  '/a\r\nx: y',
  '/{a}#{b}',
])('the template %j is rejected by name', (template) => {
  expect(() => expandPath(template, { id: '1', a: '1', b: '2' })).toThrow(
    `The path template ${JSON.stringify(template)} `,
  );
});

test.each([{ id: {} }, { id: null }, { id: undefined }, {}])('a path value of %j is rejected by name', (values) => {
  // @ts-expect-error types do not let this pass
  expect(() => expandPath('/things/{id}', values)).toThrow('path: {id}');
});

test.each([{ a: {} }, { a: [{ b: 1 }] }, { a: new Map() }, { a: Number.NaN }])(
  'a query value of %j is rejected by name',
  (query) => {
    expect(() => queryString(query)).toThrow('query: a is ');
  },
);

test.each([
  ['/a/{lat},{lng}', { lat: 1.5, lng: '2,/' }, '/a/1.5,2%2C%2F'],
  ['/a/{from}:{to}', { from: 'x:y', to: '..' + 'z' }, '/a/x%3Ay:..z'],
  ['/a{;ids}', { ids: [1, 2n, 'x,y;z/..'] }, '/a;ids=1,2,x%2Cy%3Bz%2F..'],
  ['/a{;ids}/b{;of}', { ids: 7, of: '' }, '/a;ids=7/b;of'],
  ['/a{;ids}{;of}', { ids: [], of: '..' }, '/a;of=..'],
])('several values and matrix parameters in a segment: %s', (template, values, path) => {
  expect(expandPath(template, values)).toBe(path);
});

test('a matrix parameter cannot leave its segment', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const path = refusal(() => expandPath('/a/b{;id}/c', { id: [text] }));
      if (path instanceof Error) expect(text.isWellFormed()).toBe(false);
      else expect(new URL(`http://shop.internal${path}`).pathname.split('/')).toHaveLength(4);
    }),
  );
});

test.each(['/a?b={;id}', '/a{;}', '/a{;i d}'])('the matrix parameter of %s is rejected', (template) => {
  expect(() => expandPath(template, { id: 1 })).toThrow('a matrix parameter is a word in the path');
});

test.each([{}, { ids: [null] }, { ids: [{}] }])('a matrix parameter of %j is rejected by name', (values) => {
  // @ts-expect-error types do not let this pass
  expect(() => expandPath('/a{;ids}', values)).toThrow('path: {ids}');
});
