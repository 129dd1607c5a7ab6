import { type FieldType, LONG, type MessageType } from '../type-model.ts';
import { LIST, MAP, MIN_FIELDS, OBJECT } from './memory-budget.ts';
import type { MessageReader } from './reader.ts';

export type Row = Record<string, unknown>;

/** Reads the value after a tag. A message is merged into `into`, its part that arrived earlier. */
export type ReadValue = (reader: MessageReader, depth: number, into?: unknown) => unknown;

/** Reads the value after a tag into the message. */
export type ReadField = (reader: MessageReader, message: Row, depth: number) => void;

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

/** Upper bound of tags in the array: fields with a number below 128. All others are in a map. */
const SMALL_TAGS = 1_024;

/** The field readers of a message, by tag. */
export class Fields {
  readonly #small: (ReadField | undefined)[] = [];
  readonly #large = new Map<number, ReadField>();

  set(tag: number, read: ReadField): this {
    if (tag >= SMALL_TAGS) this.#large.set(tag, read);
    else {
      while (this.#small.length < tag) this.#small.push(undefined);
      this.#small[tag] = read;
    }
    return this;
  }

  get(tag: number): ReadField | undefined {
    return tag < SMALL_TAGS ? this.#small[tag] : this.#large.get(tag);
  }
}

/** The decoder of one message type. */
export interface MessagePlan {
  /** The message for no bytes, without its lists and maps, which each message needs for itself. */
  readonly blank: Row;
  /** Memory of a blank message, in slots of 8 bytes. */
  readonly slots: number;
  readonly lists: readonly string[];
  readonly maps: readonly string[];
  /** Bytes fields with a default that is not empty. Each message has its own copy. */
  readonly copies: readonly (readonly [name: string, bytes: Uint8Array])[];
  readonly required: readonly string[];
  /** Readers by the whole tag, so that a field with another wire type is not mistaken for the declared one. */
  readonly fields: Fields;
  /** Names by field number. */
  readonly names: ReadonlyMap<number, string>;
}

/** A number that no tag has. */
export const NO_TAG = -1;

/** Maximum nesting: the depth that protobuf's own libraries read. */
const MAX_DEPTH = 100;

const NO_BYTES = new Uint8Array(0);

/** Returns the default of a type: the first value of an enum, null for a message. */
export const zeroOf = (type: FieldType['type']): unknown => {
  if (typeof type === 'object') return type.kind === 'enum' ? type.first : null;
  if (LONG.has(type)) return '0';
  switch (type) {
    case 'string':
      return '';
    case 'bytes':
      return NO_BYTES;
    case 'bool':
      return false;
    default:
      return 0;
  }
};

/** Returns the value of an absent field: its declared default, null if presence is tracked, else the type's default. */
const absent = ({ kind, type, hasPresence, isRequired, declaredDefault }: FieldType): unknown => {
  if (kind !== 'single' || isRequired) return null;
  return declaredDefault ?? (hasPresence ? null : zeroOf(type));
};

const copiesIn = (fields: readonly FieldType[]): MessagePlan['copies'] =>
  fields.flatMap((field) => {
    const value = absent(field);
    return value instanceof Uint8Array && value.length > 0 ? [[field.name, value] as const] : [];
  });

/** Returns a plan without its field readers, which may refer to the type itself. */
export const planOf = ({ fields }: MessageType): MessagePlan => {
  const namesOf = (some: readonly FieldType[]) => some.map((field) => field.name);
  const always = fields.filter((field) => field.oneof === null);
  const lists = namesOf(fields.filter(({ kind }) => kind === 'list'));
  const maps = namesOf(fields.filter(({ kind }) => kind === 'map'));
  return {
    blank: Object.fromEntries(always.map((field) => [field.name, absent(field)])),
    slots: OBJECT + Math.max(always.length, MIN_FIELDS) + LIST * lists.length + MAP * maps.length,
    lists,
    maps,
    copies: copiesIn(always),
    required: namesOf(fields.filter((field) => field.isRequired)),
    fields: new Fields(),
    names: new Map(fields.map((field) => [field.number, field.name])),
  };
};

/** Reads a message that ends at `end`, or with `endTag` unless that is NO_TAG. Throws for invalid bytes. */
export const readMessage = (
  plan: MessagePlan,
  reader: MessageReader,
  end: number,
  depth: number,
  endTag: number,
  into?: unknown,
): Row => {
  const message = isRow(into) ? into : blankOf(plan, reader);
  if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
  let tag = NO_TAG;
  while (reader.pos < end) {
    tag = reader.uint32();
    if (tag === endTag) break;
    const read = plan.fields.get(tag);
    if (read === undefined) skip(plan, reader, tag);
    else read(reader, message, depth);
  }
  if (reader.pos > end || (endTag !== NO_TAG && tag !== endTag))
    throw new RangeError('a message is longer than its length');
  for (const name of plan.required) if (message[name] === null) throw new Error(`${name} is required`);
  return message;
};

const blankOf = ({ blank, slots, lists, maps, copies }: MessagePlan, reader: MessageReader): Row => {
  reader.take(slots);
  const message = { ...blank };
  if (lists.length > 0) for (const name of lists) message[name] = [];
  if (maps.length > 0) for (const name of maps) message[name] = {};
  if (copies.length > 0) for (const [name, bytes] of copies) message[name] = bytes.slice();
  return message;
};

const skip = (plan: MessagePlan, reader: MessageReader, tag: number): void => {
  const name = plan.names.get(tag >>> 3);
  if (name !== undefined || tag >>> 3 === 0) throw new Error(`${name ?? 'field 0'} has wire type ${tag & 7}`);
  reader.skip(tag & 7, tag >>> 3);
};
