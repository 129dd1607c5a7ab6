import protobuf from 'protobufjs';
import type { Names } from './names.ts';

/** A message as answers have it (`read`) or as requests take it (`written`), or an enum, which is the same in both. */
export interface Declared {
  readonly type: protobuf.Type | protobuf.Enum;
  readonly side: 'read' | 'written';
}

const pathOf = (object: protobuf.ReflectionObject): protobuf.ReflectionObject[] =>
  object.parent === null || object.parent instanceof protobuf.Root ? [object] : [...pathOf(object.parent), object];

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const ending = ({ type, side }: Declared): string => {
  if (type instanceof protobuf.Enum) return 'Enum';
  return side === 'read' ? 'Message' : 'MessageInit';
};

/** The name with those that it is nested in: `OuterInner`. */
const shortName = ({ type }: Declared): string =>
  pathOf(type)
    .filter((part) => part instanceof protobuf.Type || part instanceof protobuf.Enum)
    .map(({ name }) => name)
    .join('');

const longName = ({ type }: Declared): string =>
  pathOf(type)
    .flatMap(({ name }) => name.split('_').map(capital))
    .join('');

/** Identifies one of `protoNames`. */
export const keyOf = ({ type, side }: Declared): string =>
  type instanceof protobuf.Enum ? type.fullName : `${type.fullName} ${side}`;

/**
 * Names of declarations for messages and enums, by `keyOf`. Where two packages would have the same one, both have their
 * package in front: `BillingV1MoneyMessage`.
 */
export const protoNames = (all: readonly Declared[], names: Names): ReadonlyMap<string, string> => {
  const owners = Map.groupBy(all, shortName);
  const isShared = (short: string): boolean => new Set(owners.get(short)?.map(({ type }) => type.fullName)).size > 1;
  const name = (declared: Declared): string => {
    const short = shortName(declared);
    return names.give((isShared(short) ? longName(declared) : short) + ending(declared), '_');
  };
  return new Map(all.map((declared) => [keyOf(declared), name(declared)]));
};
