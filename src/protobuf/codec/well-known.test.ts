import { expect, test } from 'vitest';
import { LIBRARY, LIBRARY_PROTO, libraryType } from '../../../test/support/modules/library.ts';
import { loadProto } from '../load-proto.ts';

const { methods, encoder } = loadProto(LIBRARY_PROTO).service(LIBRARY);
const getBook = methods.find(({ name }) => name === 'getBook');
if (getBook === undefined) throw new Error('the library has no GetBook');
const { decode, response: BOOK } = getBook;
const encode = encoder.for(BOOK);

const roundTrip = (book: unknown) => decode(encode(book)) as Record<string, unknown>;

test.each([
  ['publishTime', '2024-01-02T08:00:00Z', '2024-01-02T08:00:00Z'],
  ['publishTime', '2024-01-02T08:00:00.000000001Z', '2024-01-02T08:00:00.000000001Z'],
  ['publishTime', '2024-01-02T10:00:00.5+02:00', '2024-01-02T08:00:00.500Z'],
  ['publishTime', '1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
  ['publishTime', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['publishTime', '9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999999Z'],
  ['publishTime', new Date(1_700_000_000_123), '2023-11-14T22:13:20.123Z'],
  ['readingTime', '1.5s', '1.500s'],
  ['readingTime', '-0.000000001s', '-0.000000001s'],
  ['readingTime', '315576000000s', '315576000000s'],
  ['readingTime', '0s', '0s'],
  ['pageCount', 0, 0],
  ['copiesSold', '9223372036854775807', '9223372036854775807'],
  ['copiesSold', 5, '5'],
  ['subtitle', '', ''],
  ['inPrint', false, false],
  ['thumbnail', 'AP8=', 'AP8='],
  ['thumbnail', new Uint8Array([0, 255]), 'AP8='],
  ['rating', 0.5, 0.5],
  ['labels', { a: 1, b: [true, null, 'x', { c: {} }], d: null }, { a: 1, b: [true, null, 'x', { c: {} }], d: null }],
  ['labels', {}, {}],
  ['labels', { a: undefined, b: 1 }, { b: 1 }],
  ['labels', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
  ['note', 'text', 'text'],
  ['note', 0, 0],
  ['note', false, false],
  ['note', { deep: [[]] }, { deep: [[]] }],
  ['note', null, null],
  ['history', [1, 'a', [null]], [1, 'a', [null]]],
  ['hidden', { paths: ['display_title', 'author.full_name'] }, 'displayTitle,author.fullName'],
  ['hidden', 'displayTitle,author.fullName', 'displayTitle,author.fullName'],
  ['hidden', '', ''],
  ['marker', {}, {}],
  ['cover', new Uint8Array([1, 2]), 'AQI='],
  ['pages', { '9223372036854775807': 'last' }, { '9223372036854775807': 'last' }],
  ['events', { sold: '2024-01-02T08:00:00Z' }, { sold: '2024-01-02T08:00:00Z' }],
  ['editions', ['2024-01-02T08:00:00Z', new Date(0)], ['2024-01-02T08:00:00Z', '1970-01-01T00:00:00Z']],
  ['audio', 'a.mp3', 'a.mp3'],
  ['notes', [null, 1, 'a'], [null, 1, 'a']],
  ['counts', ['1', 2], ['1', '2']],
  ['author', { birthTime: '1921-09-12T00:00:00Z' }, { fullName: '', birthTime: '1921-09-12T00:00:00Z' }],
  [
    'extra',
    { '@type': 'type.googleapis.com/library.v1.Author', birthTime: '1921-09-12T00:00:00Z' },
    { '@type': 'type.googleapis.com/library.v1.Author', fullName: '', birthTime: '1921-09-12T00:00:00Z' },
  ],
  [
    'extra',
    { '@type': 'library.v1.Paper', weightGrams: 2 },
    { '@type': 'type.googleapis.com/library.v1.Paper', weightGrams: 2 },
  ],
  [
    'extra',
    { '@type': 'x.example/google.protobuf.Duration', value: '1s' },
    { '@type': 'x.example/google.protobuf.Duration', value: '1s' },
  ],
  ['extra', { '@type': 'x/other.v1.T', value: 'AQI=' }, { '@type': 'x/other.v1.T', value: 'AQI=' }],
])('%s: %j is received as %j', (field, sent, received) => {
  expect(roundTrip({ [field]: sent })[field]).toStrictEqual(received);
});

test('absent well-known types are null, and in a list or a map nothing', () => {
  const { publishTime, pageCount, labels, note, extra, editions, events } = roundTrip({});
  expect({ publishTime, pageCount, labels, note, extra }).toEqual({
    publishTime: null,
    pageCount: null,
    labels: null,
    note: null,
    extra: null,
  });
  expect({ editions, events }).toEqual({ editions: [], events: {} });
});

test('null for a Value is a value outside of a oneof, and absent in one', () => {
  expect(encode({ note: null }).length).toBeGreaterThan(encode({}).length);
  expect(encode({ anyValue: null })).toEqual(encode({}));
});

test.each<[unknown, string]>([
  [{ publishTime: '2024-01-02' }, 'publishTime: expected a Date, or RFC 3339 text'],
  [{ publishTime: '2024-02-30T00:00:00Z' }, 'publishTime: expected a Date'],
  [{ publishTime: new Date(Number.NaN) }, 'publishTime: expected a Date'],
  [{ publishTime: { seconds: 1 } }, 'publishTime: expected a Date'],
  [{ publishTime: 1_700_000_000 }, 'publishTime: expected a Date'],
  [{ editions: ['x'] }, 'editions[0]: expected a Date'],
  [{ events: { sold: 'x' } }, 'events.sold: expected a Date'],
  [{ readingTime: 5 }, 'readingTime: expected seconds as text'],
  [{ readingTime: '5' }, 'readingTime: expected seconds as text'],
  [{ pageCount: 2 ** 40 }, 'pageCount: expected an integer'],
  [{ subtitle: { value: 'x' } }, 'subtitle: expected text'],
  [{ labels: 'x' }, 'labels: expected an object'],
  [{ labels: { a: [{ b: () => 1 }] } }, 'labels.a[0].b: expected a JSON value'],
  [{ labels: { a: Number.NaN } }, 'labels.a: expected a JSON value'],
  [{ note: new Date(0) }, 'note: expected a JSON value'],
  [{ history: {} }, 'history: expected a list'],
  [{ hidden: 'display_title' }, "hidden: expected { paths: ['full_name'] }"],
  [{ hidden: { paths: [1] } }, 'hidden[0]: expected text'],
  [{ extra: { fullName: 'x' } }, "extra: expected an object with '@type'"],
  [{ extra: { '@type': 'other.v1.T', name: 'x' } }, 'extra.@type: expected a type of the .proto file'],
  [{ extra: { '@type': 'library.v1.Author', fullName: 1 } }, 'extra.fullName: expected text'],
])('%j is rejected as BAD_USER_INPUT: %s', (book, message) => {
  expect(() => encode(book)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
  );
});

const raw = libraryType('library.v1.Book');
const bytesOf = (book: object): Uint8Array => raw.encode(raw.fromObject(book)).finish();

test('a Timestamp that arrives in two parts is merged before it is converted', () => {
  const parts = [bytesOf({ publishTime: { seconds: 5 } }), bytesOf({ publishTime: { nanos: 7 } })];
  expect(decode(Buffer.concat(parts))).toMatchObject({ publishTime: '1970-01-01T00:00:05.000000007Z' });
});

test.each([
  ['a Timestamp after the year 9999', { publishTime: { seconds: 300_000_000_000 } }],
  ['a Timestamp with negative nanos', { publishTime: { nanos: -1 } }],
  ['a Duration with different signs', { readingTime: { seconds: 1, nanos: -1 } }],
  ['an Any with bytes that are not of its type', { extra: { type_url: 'x/library.v1.Author', value: 'CAE=' } }],
])('%s does not decode', (_what, book) => {
  expect(() => decode(bytesOf(book))).toThrow();
});

test('Anys in one another share one memory limit, and are at most 20 deep', () => {
  const nested = (levels: number): object =>
    levels === 0 ? { '@type': 'library.v1.Author' } : { '@type': 'library.v1.Book', extra: nested(levels - 1) };
  expect(() => decode(encode({ extra: nested(15) }))).not.toThrow();
  expect(() => decode(encode({ extra: nested(25) }))).toThrow('nested too deeply');
  // 100,000 empty messages take two bytes each in an Any, and an object of 5 slots at least in memory.
  const books = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([10, 0])));
  const many = libraryType('library.v1.ListBooksResponse');
  const list = many.encode(
    many.fromObject({
      books: Array.from({ length: 10 }, () => ({
        extra: { type_url: 'x/library.v1.ListBooksResponse', value: books },
      })),
    }),
  );
  const listBooks = methods.find(({ name }) => name === 'listBooks');
  expect(() => listBooks?.decode(list.finish())).toThrow(expect.objectContaining({ name: 'MemoryBudgetError' }));
});
