import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';
import { afterAll, expect, test } from 'vitest';
import { loadProto } from './proto.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-codec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, 'all.proto');
writeFileSync(
  path,
  `syntax = "proto3"; package all.v1;
  enum Color { COLOR_UNKNOWN = 0; RED = 1; BLUE = -2; }
  message Leaf { string name = 1; }
  message All {
    int32 small = 1; uint32 natural = 2; int64 wide = 3; uint64 wide_natural = 4; sint64 zigzag = 5; fixed64 fixed = 6;
    double ratio = 7; bool flag = 8; string text = 9; bytes raw = 10; Color color = 11; Leaf leaf = 12;
    repeated Color colors = 13; repeated int64 wides = 14; repeated Leaf leaves = 15; repeated bytes raws = 16;
    map<string, Leaf> by_name = 17; map<int64, Color> by_id = 18; map<bool, int64> by_flag = 19; map<sint32, string> by_int = 20;
    optional int32 maybe_small = 21; optional int64 maybe_wide = 22; optional Color maybe_color = 23;
    oneof choice { string by_text = 24; int64 by_number = 25; Leaf by_leaf = 26; }
    All again = 27; map<uint64, string> by_natural = 28;
  }
  service S { rpc Echo(All) returns (All); }`,
);
const file = loadProto(path);
const [echo] = file.service('all.v1.S').methods;
if (echo === undefined) throw new Error('no method');
const roundTrip = (value: unknown) => echo.decode(echo.encode(value));

const EMPTY = {
  small: 0,
  natural: 0,
  wide: '0',
  wideNatural: '0',
  zigzag: '0',
  fixed: '0',
  ratio: 0,
  flag: false,
  text: '',
  raw: new Uint8Array(0),
  color: 'COLOR_UNKNOWN',
  leaf: null,
  colors: [],
  wides: [],
  leaves: [],
  raws: [],
  byName: {},
  byId: {},
  byFlag: {},
  byInt: {},
  maybeSmall: null,
  maybeWide: null,
  maybeColor: null,
  again: null,
  byNatural: {},
};

const FULL = {
  small: -5,
  natural: 4_294_967_295,
  wide: '-9223372036854775808',
  wideNatural: '18446744073709551615',
  zigzag: '-9007199254740993',
  fixed: '9007199254740993',
  ratio: 0.5,
  flag: true,
  text: 'ü€😀',
  raw: new Uint8Array([0, 255]),
  color: 'BLUE',
  leaf: { name: 'l' },
  colors: ['RED', 'BLUE', 7],
  wides: ['1', '-1'],
  leaves: [{ name: 'a' }, { name: '' }],
  raws: [new Uint8Array([1]), new Uint8Array(0)],
  byName: { x: { name: 'x' } },
  byId: { '-9007199254740993': 'RED', '0': 'COLOR_UNKNOWN' },
  byFlag: { true: '1', false: '-2' },
  byInt: { '-3': 'minus three' },
  maybeSmall: 0,
  maybeWide: '0',
  maybeColor: 'COLOR_UNKNOWN',
  byLeaf: { name: 'chosen' },
  again: null,
  byNatural: { '18446744073709551615': 'most' },
};

test('an empty message has every field at its default, and null where absent is not default', () => {
  expect(echo.decode(new Uint8Array(0))).toStrictEqual(EMPTY);
  expect(roundTrip({ leaf: null, wide: undefined })).toStrictEqual(EMPTY);
});

test('every kind of value comes back as it was', () => {
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
    raw: new Uint8Array([0, 255]),
    wides: ['1', '2', '3'],
  });
});

test('of a oneof only the member that came is there, and the last on the wire wins', () => {
  expect(roundTrip({ byNumber: 3 })).toStrictEqual({ ...EMPTY, byNumber: '3' });
  expect(roundTrip({ byText: '' })).toStrictEqual({ ...EMPTY, byText: '' });
  const both = Buffer.concat([echo.encode({ byNumber: 3 }), echo.encode({ byText: 'last' })]);
  expect(echo.decode(both)).toStrictEqual({ ...EMPTY, byText: 'last' });
});

test('two answers share nothing, and nothing of the bytes they came from', () => {
  const bytes = Buffer.from(echo.encode({ raw: new Uint8Array([1, 2]) }));
  const answers = [echo.decode(bytes), echo.decode(bytes)];
  bytes.fill(0);
  const [first, second] = answers as (typeof EMPTY)[];
  expect(first?.raw).toEqual(new Uint8Array([1, 2]));
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
])('%j is refused as BAD_USER_INPUT: %s', (value, message) => {
  expect(() => echo.encode(value)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
  );
});

test('a value nested beyond reason is refused, not a crash', () => {
  let deep: unknown = {};
  for (let level = 0; level < 50_000; level += 1) deep = { again: deep };
  expect(() => echo.encode(deep)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
});

test('hostile keys are only keys', () => {
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

test('fields and enum numbers of a newer schema do no harm', () => {
  const newer = protobuf.Writer.create().uint32(8_002).string('new field').uint32(88).int32(99).finish();
  expect(echo.decode(newer)).toStrictEqual({ ...EMPTY, color: 99 });
});

test('bytes that are no such message throw', () => {
  for (const bytes of [
    Buffer.from('<<<garbage>>>'),
    Buffer.from([0x4a, 0xff, 0x01]),
    Buffer.from([0x0f]),
    Buffer.from([0x0a, 0]),
  ])
    expect(() => echo.decode(bytes)).toThrow();
});

test('a field of another wire type than declared is no value of that field', () => {
  const text = protobuf.Writer.create().uint32(10).string('where a number belongs').finish();
  expect(() => echo.decode(text)).toThrow('small has wire type 2');
});

test('parts of a message that come apart are one message, and packed lists may come unpacked', () => {
  const part = (value: unknown) => Buffer.from(echo.encode({ again: value }));
  const parts = Buffer.concat([part({ small: 1, wides: ['1'] }), part({ text: 'x', wides: ['2'] })]);
  expect(echo.decode(parts)).toStrictEqual({ ...EMPTY, again: { ...EMPTY, small: 1, text: 'x', wides: ['1', '2'] } });
  const unpacked = protobuf.Writer.create().uint32(112).int64(5).uint32(112).int64(6).finish();
  expect(echo.decode(unpacked)).toStrictEqual({ ...EMPTY, wides: ['5', '6'] });
});

test('an entry without key or value has the defaults of both', () => {
  expect(echo.decode(Buffer.from([0x8a, 1, 0, 0x92, 1, 0, 0x9a, 1, 0]))).toStrictEqual({
    ...EMPTY,
    byName: { '': { name: '' } },
    byId: { '0': 'COLOR_UNKNOWN' },
    byFlag: { false: '0' },
  });
});

test('protobufjs reads what is written here, and the other way round', () => {
  const type = file.root.lookupType('all.v1.All');
  // It writes any text but an empty one as a key that is true.
  const { byFlag: _byFlag, ...given } = FULL;
  const theirs = type.decode(echo.encode(given));
  const plain = type.toObject(theirs, { longs: String, enums: String });
  expect(plain).toMatchObject({
    wide: FULL.wide,
    color: 'BLUE',
    leaf: { name: 'l' },
    byName: FULL.byName,
    byLeaf: FULL.byLeaf,
  });
  expect(echo.decode(type.encode(theirs).finish())).toMatchObject({
    ...given,
    byId: expect.anything(),
    byNatural: expect.anything(),
  });
});

test("proto2's groups, defaults and required fields are read", () => {
  const old = join(dirname(path), 'old.proto');
  writeFileSync(
    old,
    `syntax = "proto2"; package old.v1;
     message M { required string id = 1; optional int32 n = 2 [default = 5]; repeated group Part = 3 { optional string name = 4; } }
     service S { rpc Echo(M) returns (M); }`,
  );
  const [method] = loadProto(old).service('old.v1.S').methods;
  const value = { id: 'a', n: null, part: [{ name: 'x' }, { name: null }] };
  expect(method?.decode(method.encode(value))).toStrictEqual(value);
  expect(() => method?.encode({ n: 1 })).toThrow('id: expected a value');
  expect(() => method?.decode(new Uint8Array(0))).toThrow('id is required');
});
