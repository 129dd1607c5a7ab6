import protobuf from 'protobufjs';
import { LEAST_FIELDS, LIST, MAP, OBJECT } from './places.ts';
import type { MessageReader } from './reader.ts';

export type Row = Record<string, unknown>;

/** Reads the value after a tag. A message goes on with `into`, where an earlier part of it came already. */
export type ReadValue = (reader: MessageReader, depth: number, into?: unknown) => unknown;

/** Reads what follows a tag into the message. */
export type ReadField = (reader: MessageReader, message: Row, depth: number) => void;

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

/** Fields of a number below 128 are found by place, all others in a map. */
const SMALL_TAGS = 1_024;

/** The fields of a message by tag. */
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

/** How the messages of one type are read. */
export interface Plan {
  /** What a message without any bytes is, lists and maps apart: each needs its own. */
  readonly blank: Row;
  /** What that needs. */
  readonly places: number;
  readonly lists: readonly string[];
  readonly maps: readonly string[];
  readonly required: readonly string[];
  /** By whole tag, so that a field of another wire type is not taken for what it is not. */
  readonly fields: Fields;
  /** Names by field number. */
  readonly names: ReadonlyMap<number, string>;
}

/** No tag has this number. */
export const NO_TAG = -1;

const NO_BYTES = new Uint8Array(0);

export const isOneofMember = (field: protobuf.Field): boolean =>
  field.partOf !== null && !field.partOf.isProto3Optional;

/** What stands for a value that did not come. */
export const defaultOf = ({
  resolvedType,
  long,
  bytes,
  typeDefault,
}: Pick<protobuf.Field, 'resolvedType' | 'long' | 'bytes' | 'typeDefault'>): unknown => {
  if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[typeDefault];
  if (long) return '0';
  return bytes ? NO_BYTES : typeDefault;
};

const absent = (field: protobuf.Field): unknown =>
  field.repeated || field.map || field.hasPresence ? null : defaultOf(field);

/** A plan without its fields' readers, which may lead back to the type itself. */
export const planOf = (type: protobuf.Type): Plan => {
  const fields = type.fieldsArray.map((field) => field.resolve());
  const namesOf = (some: readonly protobuf.Field[]) => some.map((field) => field.name);
  const always = fields.filter((field) => !isOneofMember(field));
  const lists = namesOf(fields.filter((field) => field.repeated));
  const maps = namesOf(fields.filter((field) => field.map));
  return {
    blank: Object.fromEntries(always.map((field) => [field.name, absent(field)])),
    places: OBJECT + Math.max(always.length, LEAST_FIELDS) + LIST * lists.length + MAP * maps.length,
    lists,
    maps,
    required: namesOf(fields.filter((field) => field.required)),
    fields: new Fields(),
    names: new Map(fields.map((field) => [field.id, field.name])),
  };
};

/** Reads a message that ends at `end`, or with `endTag` unless that is NO_TAG. Throws where the bytes do not fit. */
export const readMessage = (
  plan: Plan,
  reader: MessageReader,
  end: number,
  depth: number,
  endTag: number,
  into?: unknown,
): Row => {
  const message = isRow(into) ? into : blankOf(plan, reader);
  if (depth > protobuf.Reader.recursionLimit) throw new RangeError('nested too deeply');
  let tag = NO_TAG;
  while (reader.pos < end) {
    tag = reader.uint32();
    if (tag === endTag) break;
    const read = plan.fields.get(tag);
    if (read === undefined) skip(plan, reader, tag);
    else read(reader, message, depth);
  }
  if (reader.pos > end || (endTag !== NO_TAG && tag !== endTag)) throw new RangeError('a message passes its end');
  for (const name of plan.required) if (message[name] === null) throw new Error(`${name} is required`);
  return message;
};

const blankOf = ({ blank, places, lists, maps }: Plan, reader: MessageReader): Row => {
  reader.take(places);
  const message = { ...blank };
  if (lists.length > 0) for (const name of lists) message[name] = [];
  if (maps.length > 0) for (const name of maps) message[name] = {};
  return message;
};

const skip = (plan: Plan, reader: MessageReader, tag: number): void => {
  const name = plan.names.get(tag >>> 3);
  if (name !== undefined || tag >>> 3 === 0) throw new Error(`${name ?? 'field 0'} has wire type ${tag & 7}`);
  reader.skip(tag & 7);
};
