import type { FieldType, MessageType, ScalarName } from '../../../src/protobuf/type-model.ts';

const WIDE = ['0', '1', '9007199254740993', '9223372036854775807'];
const SIGNED = [...WIDE, '-1', '-9223372036854775808'];
const SMALL = [0, 1, 127, 128, 2_147_483_647];
const VALUES: Readonly<Record<ScalarName, readonly unknown[]>> = {
  bool: [true, false],
  bytes: ['', 'ACJc/w=='],
  double: [0, -0.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
  fixed32: [...SMALL, 4_294_967_295],
  fixed64: [...WIDE, '18446744073709551615'],
  float: [0, -0.5, 1_048_576, Number.NaN, Number.NEGATIVE_INFINITY],
  int32: [...SMALL, -1, -2_147_483_648],
  int64: SIGNED,
  sfixed32: [...SMALL, -1, -2_147_483_648],
  sfixed64: SIGNED,
  sint32: [...SMALL, -1, -2_147_483_648],
  sint64: SIGNED,
  string: ['', 'a', 'ü€😀\n"\\', '\u0000'],
  uint32: [...SMALL, 4_294_967_295],
  uint64: [...WIDE, '18446744073709551615'],
};
/** The random files have no other well-known type. */
const WELL_KNOWN: Readonly<Record<string, unknown>> = { timestamp: '2024-01-02T08:00:00.000000001Z' };
const DEEPEST = 3;

/** A random value of a message in the form of a request: some of its fields, and all required ones. */
export const randomMessage = (type: MessageType, random: () => number, depth = 0): Record<string, unknown> => {
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const single = ({ type: of }: FieldType): unknown => {
    if (typeof of === 'string') return pick(VALUES[of]);
    if (of.kind === 'message' && of.wellKnown !== null) return WELL_KNOWN[of.wellKnown];
    return of.kind === 'enum' ? of.names[pick(Object.values(of.numbers)) ?? 0] : randomMessage(of, random, depth + 1);
  };
  const some = (field: FieldType): unknown[] => Array.from({ length: Math.floor(random() * 3) }, () => single(field));
  const valueIn = (field: FieldType): unknown => {
    if (field.key !== null) return Object.fromEntries(some(field).map((value, at) => [keyOf(field.key, at), value]));
    return field.kind === 'list' ? some(field) : single(field);
  };
  const isWanted = ({ isRequired, type: of }: FieldType): boolean =>
    isRequired || (random() < 0.5 && (depth < DEEPEST || typeof of === 'string' || of.kind === 'enum'));
  const chosen = type.fields.filter(isWanted);
  const members = new Map(chosen.map((field) => [field.oneof ?? field.name, field]));
  return Object.fromEntries([...members.values()].map((field) => [field.name, valueIn(field)]));
};

const keyOf = (type: ScalarName | null, at: number): string => {
  if (type === 'bool') return String(at === 0);
  return type === 'string' ? (['', '__proto__'][at] ?? 'k') : String(at);
};
