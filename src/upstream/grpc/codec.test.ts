import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EMPTY, echo, FULL } from '../../../test/support/every-kind.ts';
import { loadProto } from './proto.ts';

const roundTrip = (value: unknown) => echo.decode(echo.encode(value));

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

test("proto2's groups, defaults and required fields are read", () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-codec-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const old = join(folder, 'old.proto');
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
