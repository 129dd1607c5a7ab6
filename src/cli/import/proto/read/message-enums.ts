import type { EnumType } from '../../../../protobuf/type-model.ts';
import type { EnumDefinition } from '../../imported-graph.ts';
import { namePool, wordsOfName } from '../../names/names.ts';
import type { ProtoEnum } from '../imported-service.ts';

/** A name of an enum value in a graph. */
const legal = (name: string): string => (/^(\d|__|true$|false$|null$)/.test(name) ? `VALUE_${name}` : name);

/** The prefix that the values of an enum have by convention: `TIER_` of `Tier`. Empty if one of them lacks it. */
const prefixOf = (type: EnumType, values: readonly string[]): string => {
  const own = wordsOfName(type.path.at(-1) ?? '')
    .join('_')
    .toUpperCase();
  const prefix = `${own}_`;
  return values.every((value) => value.startsWith(prefix) && value.length > prefix.length) ? prefix : '';
};

/** The value with the number 0 that stands for no value: `TIER_UNSPECIFIED`. */
const unspecifiedOf = ({ names }: EnumType): string | null => {
  const zero = names[0];
  return zero !== undefined && /(^|_)UNSPECIFIED$/i.test(zero) && Object.keys(names).length > 1 ? zero : null;
};

/** Reads an enum: its values without their prefix, and without the one for unspecified. */
export const protoEnum = (
  type: EnumType,
  name: string,
): { readonly definition: EnumDefinition; readonly read: ProtoEnum } => {
  const unspecified = unspecifiedOf(type);
  const values = Object.values(type.names);
  const prefix = prefixOf(type, values);
  const pool = namePool();
  return {
    definition: {
      kind: 'enum',
      name,
      description: type.doc,
      values: values
        .filter((value) => value !== unspecified)
        .map((value) => ({ name: pool.take(legal(value.slice(prefix.length))), value })),
    },
    read: { name, type, unspecified },
  };
};
