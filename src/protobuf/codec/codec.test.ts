import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EMPTY, echo, FULL } from '../../../test/support/modules/every-kind.ts';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { loadProto } from '../load-proto.ts';

const roundTrip = (value: unknown) => echo.decode(echo.encode(value));

test('an empty message has the default of each field, and null for fields with presence', () => {
  expect(echo.decode(new Uint8Array(0))).toStrictEqual(EMPTY);
  expect(roundTrip({ leaf: null, wide: undefined })).toStrictEqual(EMPTY);
});

test('every kind of value survives encoding and decoding', () => {
  expect(roundTrip(FULL)).toStrictEqual(FULL);
  expect(roundTrip({ again: FULL })).toStrictEqual({ ...EMPTY, again: FULL });
});

test('64-bit integers may be text, numbers or bigints, enums names or numbers, bytes base64', () => {
  const given = { wide: 5, wideNatural: 2n ** 63n, zigzag: '-7', color: 1, raw: 'AP8=', wides: [1, 2n, '3'] };
  expect(roundTrip(given)).toMatchObject({
    wide: '5',
    wideNatural: '9223372036854775808',
    zigzag: '-7',
    color: 'RED',
    raw: 'AP8=',
    wides: ['1', '2', '3'],
  });
});

test('a oneof has only the member that arrived, and the last one on the wire wins', () => {
  expect(roundTrip({ byNumber: 3 })).toStrictEqual({ ...EMPTY, byNumber: '3' });
  expect(roundTrip({ byText: '' })).toStrictEqual({ ...EMPTY, byText: '' });
  const both = Buffer.concat([echo.encode({ byNumber: 3 }), echo.encode({ byText: 'last' })]);
  expect(echo.decode(both)).toStrictEqual({ ...EMPTY, byText: 'last' });
});

test('two answers share no objects with each other and no bytes with their source', () => {
  const bytes = Buffer.from(echo.encode({ raw: new Uint8Array([1, 2]) }));
  const answers = [echo.decode(bytes), echo.decode(bytes)];
  bytes.fill(0);
  const [first, second] = answers as (typeof EMPTY)[];
  expect(first?.raw).toBe('AQI=');
  expect(first?.leaves).not.toBe(second?.leaves);
  expect(first?.byName).not.toBe(second?.byName);
});

test.each<[unknown, string]>([
  [null, 'expected an object'],
  [[], 'expected an object'],
  ['text', 'expected an object'],
  [{ small: 1.5 }, 'small: expected an integer from -2147483648 to 2147483647'],
  [{ small: '5' }, 'small: expected an integer'],
  [{ natural: -1 }, 'natural: expected an integer from 0 to 4294967295'],
  [{ wide: 2 ** 60 }, 'wide: expected an integer'],
  [{ wide: '9223372036854775808' }, 'wide: expected an integer'],
  [{ wideNatural: '-1' }, 'wideNatural: expected an integer from 0'],
  [{ wide: '1e5' }, 'wide: expected an integer'],
  [{ text: 5 }, 'text: expected text'],
  [{ text: '\ud800' }, 'text: expected well-formed Unicode'],
  [{ flag: 'yes' }, 'flag: expected true or false'],
  [{ ratio: '1' }, 'ratio: expected a number'],
  [{ raw: 'not base64!' }, 'raw: expected bytes, or base64 text'],
  [{ color: 'GREEN' }, 'color: expected one of COLOR_UNKNOWN, RED, BLUE'],
  [{ color: 'toString' }, 'color: expected one of'],
  [{ leaf: 'x' }, 'leaf: expected an object'],
  [{ leaves: [{ name: 'a' }, { name: 1 }] }, 'leaves[1].name: expected text'],
  [{ leaves: [null] }, 'leaves[0]: expected an object'],
  [{ colors: 'RED' }, 'colors: expected a list'],
  [{ byName: [] }, 'byName: expected an object'],
  [{ byName: { k: { name: 1 } } }, 'byName.k.name: expected text'],
  [{ byId: { x: 1 } }, 'byId.x: expected an integer'],
  [{ byInt: { '': 'a' } }, 'byInt.: expected an integer'],
  [{ byFlag: { yes: 1 } }, 'byFlag.yes: expected a key that is true or false'],
  [{ byText: 'a', byNumber: 1 }, 'choice: expected only one of byText, byNumber, byLeaf'],
])('%j is rejected as BAD_USER_INPUT: %s', (value, message) => {
  expect(() => echo.encode(value)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
  );
});

test('a value with 50,000 levels is rejected as BAD_USER_INPUT', () => {
  let deep: unknown = {};
  for (let level = 0; level < 50_000; level += 1) deep = { again: deep };
  expect(() => echo.encode(deep)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
});

test('keys such as __proto__ and constructor are ordinary keys', () => {
  const hostile = JSON.parse(
    '{"byName":{"__proto__":{"name":"x"},"constructor":{"name":"y"}},"__proto__":{"text":"inherited"}}',
  );
  const answer = roundTrip(hostile) as { byName: Record<string, unknown>; text: string };
  expect(Object.keys(answer.byName)).toEqual(['__proto__', 'constructor']);
  expect(Object.getPrototypeOf(answer.byName)).toBe(Object.prototype);
  expect(answer.text).toBe('');
  expect('name' in {}).toBe(false);
  expect(roundTrip(Object.create({ text: 'inherited' }))).toStrictEqual(EMPTY);
});

const OLD = `syntax = "proto2"; package old.v1;
  message M {
    required string id = 1; optional int32 n = 2 [default = 5]; repeated group Part = 3 { optional string name = 4; }
    optional int32 tracked = 5; optional Color color = 6 [default = BLUE]; repeated Color colors = 7; map<string, Color> by_name = 8;
    optional bytes raw = 9 [default = "ab"]; optional int64 wide = 10 [default = -1];
    oneof choice { Color either = 11; int32 other = 12; }
    oneof shape { group Box = 13 { optional int32 width = 14; } int32 radius = 15; }
    extensions 100 to 199;
  }
  extend M { optional string note = 100; }
  enum Color { NONE = 0; RED = 1; BLUE = 2; }
  service S { rpc Echo(M) returns (M); }`;
const methodIn = (proto: string) => {
  const [method] = loadProto(join(folderWith({ 'old.proto': proto }), 'old.proto')).service('old.v1.S').methods;
  if (method === undefined) throw new Error('old.v1.S has no method');
  return method;
};
const OLD_EMPTY = {
  id: 'a',
  n: 5,
  part: [],
  tracked: null,
  color: 'BLUE',
  colors: [],
  byName: {},
  raw: 'YWI=',
  wide: '-1',
  '[old.v1.note]': null,
};

test('an absent proto2 field has its declared default, or null without one', () => {
  const { encode, decode } = methodIn(OLD);
  expect(decode(encode({ id: 'a' }))).toStrictEqual(OLD_EMPTY);
  const zeros = { ...OLD_EMPTY, n: 0, tracked: 0, wide: '0', raw: '', '[old.v1.note]': '' };
  expect(decode(encode(zeros))).toStrictEqual(zeros);
  expect(() => encode({ n: 1 })).toThrow('id: expected a value');
  expect(() => decode(new Uint8Array(0))).toThrow('id is required');
});

test('groups, oneof groups, extensions and proto2 enums survive encoding and decoding', () => {
  const { encode, decode } = methodIn(OLD);
  const value = { ...OLD_EMPTY, part: [{ name: 'x' }, { name: null }], box: { width: 1 }, '[old.v1.note]': 'n' };
  expect(decode(encode(value))).toStrictEqual(value);
  const coloured = { ...OLD_EMPTY, color: 'RED', colors: ['RED', 'BLUE'], byName: { a: 'RED' }, either: 'RED' };
  expect(decode(encode(coloured))).toStrictEqual(coloured);
});

test('a number without a name in a proto2 enum is an unknown field and cannot be sent', () => {
  const { encode, decode } = methodIn(OLD);
  const open = OLD.replace('RED = 1;', 'RED = 1; GREEN = 9;');
  const newer = methodIn(open);
  const sent = { id: 'a', color: 'GREEN', colors: ['RED', 'GREEN'], byName: { a: 'GREEN', b: 'RED' }, other: 7 };
  const bytes = Buffer.concat([newer.encode(sent), newer.encode({ id: 'a', either: 'GREEN' })]);
  expect(decode(bytes)).toStrictEqual({ ...OLD_EMPTY, colors: ['RED'], byName: { b: 'RED' }, other: 7 });
  expect(() => encode({ id: 'a', color: 9 })).toThrow('color: expected one of NONE, RED, BLUE');
});
