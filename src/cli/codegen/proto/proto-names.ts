import type { EnumType, MessageType } from '../../../protobuf/type-model.ts';
import type { Names } from '../names.ts';

/** A message in answers (`read`) or in requests (`written`), or an enum, which is the same in both. */
export interface Declared {
  readonly type: MessageType | EnumType;
  readonly side: 'read' | 'written';
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const ending = ({ type, side }: Declared): string => {
  if (type.kind === 'enum') return 'Enum';
  return side === 'read' ? 'Message' : 'MessageInit';
};

/** Name of a message with the names of its outer messages: `OuterInner`. */
export const shortName = ({ type }: Declared): string => type.path.join('');

const longName = ({ type }: Declared): string =>
  type.name
    .split('.')
    .flatMap((part) => part.split('_').map(capital))
    .join('');

/** Identity of a message or an enum. Two files may declare different ones of the same name. */
const identityOf = ({ file, name }: Declared['type']): string => `${file} ${name}`;

/** Key in the result of `protoNames`. */
export const keyOf = ({ type, side }: Declared): string =>
  type.kind === 'enum' ? identityOf(type) : `${identityOf(type)} ${side}`;

/**
 * Names of declarations for messages and enums, by `keyOf`. A name that several packages declare is prefixed with the
 * package: `BillingV1MoneyMessage`.
 */
export const protoNames = (all: readonly Declared[], names: Names): ReadonlyMap<string, string> => {
  const owners = Map.groupBy(all, shortName);
  const isShared = (short: string): boolean => new Set(owners.get(short)?.map(({ type }) => identityOf(type))).size > 1;
  const name = (declared: Declared): string => {
    const short = shortName(declared);
    return names.give((isShared(short) ? longName(declared) : short) + ending(declared), '_');
  };
  return new Map(all.map((declared) => [keyOf(declared), name(declared)]));
};
