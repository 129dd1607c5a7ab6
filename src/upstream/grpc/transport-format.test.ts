import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { protobufjsType } from '../../../test/support/grpc/protobufjs.ts';
import { EMPTY, EVERY_KIND_PROTO, echo, FULL } from '../../../test/support/modules/every-kind.ts';
import { MemoryBudgetError } from '../../protobuf/codec/memory-budget.ts';

test('fields and enum numbers of a newer schema are accepted', () => {
  const newer = protobuf.Writer.create().uint32(8_002).string('new field').uint32(88).int32(99).finish();
  expect(echo.decode(newer)).toStrictEqual({ ...EMPTY, color: 99 });
});

test('invalid bytes throw', () => {
  for (const bytes of [
    Buffer.from('<<<garbage>>>'),
    Buffer.from([0x4a, 0xff, 0x01]),
    Buffer.from([0x0f]),
    Buffer.from([0x0a, 0]),
  ])
    expect(() => echo.decode(bytes)).toThrow();
});

test('a field with a wire type other than the declared one is rejected', () => {
  const text = protobuf.Writer.create().uint32(10).string('where a number belongs').finish();
  expect(() => echo.decode(text)).toThrow('small has wire type 2');
});

test('parts of a message are merged, and packed lists may arrive unpacked', () => {
  const part = (value: unknown) => Buffer.from(echo.encode({ again: value }));
  const parts = Buffer.concat([part({ small: 1, wides: ['1'] }), part({ text: 'x', wides: ['2'] })]);
  expect(echo.decode(parts)).toStrictEqual({ ...EMPTY, again: { ...EMPTY, small: 1, text: 'x', wides: ['1', '2'] } });
  const unpacked = protobuf.Writer.create().uint32(112).int64(5).uint32(112).int64(6).finish();
  expect(echo.decode(unpacked)).toStrictEqual({ ...EMPTY, wides: ['5', '6'] });
});

test('a map entry without key or value has the defaults of both', () => {
  expect(echo.decode(Buffer.from([0x8a, 1, 0, 0x92, 1, 0, 0x9a, 1, 0]))).toStrictEqual({
    ...EMPTY,
    byName: { '': { name: '' } },
    byId: { '0': 'COLOR_UNKNOWN' },
    byFlag: { false: '0' },
  });
});

test('protobufjs and this codec read each other’s bytes', () => {
  const type = protobufjsType(EVERY_KIND_PROTO, 'all.v1.All');
  // protobufjs encodes every text key except an empty one as true.
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

test('random values of every size are read equally by protobufjs and this codec', () => {
  const type = protobufjsType(EVERY_KIND_PROTO, 'all.v1.All');
  const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 100 }));
  const int32 = fc.oneof(fc.integer(), fc.integer({ min: -130, max: 130 }));
  const leaf = fc.record({ small: int32, text, wide: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String) });
  const value = fc.record({
    again: fc.record({ again: leaf, text }),
    natural: fc.nat(),
    wideNatural: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    zigzag: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String),
    fixed: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    ratio: fc.double({ noNaN: true }),
    leaves: fc.array(fc.record({ name: text }), { maxLength: 5 }),
    wides: fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String), { maxLength: 40 }),
    byInt: fc.dictionary(int32.map(String), text, { maxKeys: 5 }),
  });
  fc.assert(
    fc.property(value, (given) => {
      const bytes = echo.encode(given);
      expect(type.toObject(type.decode(bytes), { longs: String, arrays: true, objects: true })).toMatchObject(given);
      expect(echo.decode(bytes)).toMatchObject(given);
    }),
    { numRuns: 200 },
  );
});

test('a varint has at most ten bytes', () => {
  expect(echo.decode(Buffer.from([8, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x7f, 64, 1]))).toMatchObject({
    small: -2,
    flag: true,
  });
  expect(() => echo.decode(Buffer.from([8, ...new Array<number>(10).fill(0xff), 1]))).toThrow('invalid varint');
});

test.each<[string, number, number[]]>([
  ['messages', 0x7a, [0]],
  ['bytes', 0x82, [1, 0]],
  ['entries of maps', 0x8a, [1, 0]],
])('four megabytes of empty %s are rejected before they fill the memory', (_, tag, rest) => {
  const bytes = Buffer.alloc(4_194_300, Buffer.from([tag, ...rest]));
  expect(() => echo.decode(bytes)).toThrow(MemoryBudgetError);
});

test('four megabytes of packed numbers are decoded', () => {
  const length = 4_194_304 - 8;
  const head = protobuf.Writer.create()
    .uint32((13 << 3) | 2)
    .uint32(length)
    .finish();
  const { colors } = echo.decode(Buffer.concat([head, Buffer.alloc(length, 1)])) as { readonly colors: unknown[] };
  expect(colors).toHaveLength(length);
  expect(colors.at(-1)).toBe('RED');
});
