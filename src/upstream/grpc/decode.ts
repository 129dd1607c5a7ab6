import type { EnumType, FieldType, MessageType, ScalarName } from '../proto/model.ts';
import { ENTRY } from './places.ts';
import type { Plan, ReadField, ReadValue } from './plan.ts';
import { Fields, NO_TAG, planOf, readMessage, zeroOf } from './plan.ts';
import { DELIMITED, GROUP, scalar, VARINT } from './read-scalars.ts';
import { MessageReader } from './reader.ts';

const NO_BYTES = new Uint8Array(0);

const isMessage = (type: FieldType['type']): type is MessageType => typeof type === 'object' && type.kind === 'message';
const isEnum = (type: FieldType['type']): type is EnumType => typeof type === 'object' && type.kind === 'enum';

const wireType = ({ type, isGroup }: FieldType): number => {
  if (isMessage(type)) return isGroup ? GROUP : DELIMITED;
  return isEnum(type) ? VARINT : scalar(type).wire;
};

const isPackable = (field: FieldType): boolean => wireType(field) !== DELIMITED && wireType(field) !== GROUP;

const tagOf = (number: number, wire: number): number => ((number << 3) | wire) >>> 0;

const setField =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    message[name] = read(reader, depth);
  };

/** The types that most fields have: one call less for each value. */
const SETTERS: Readonly<Partial<Record<ScalarName, (name: string) => ReadField>>> = {
  string: (name) => (reader, message) => {
    message[name] = reader.string();
  },
  int32: (name) => (reader, message) => {
    message[name] = reader.int32();
  },
};

/** A message may come in parts: the next one goes on where this one ends. */
const setMessage =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    message[name] = read(reader, depth, message[name]);
  };

/** A value of a closed enum. A number without a name is an unknown field, and leaves the message as it is. */
const setKnown =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    const value = read(reader, depth);
    if (value !== undefined) message[name] = value;
  };

const setterOf = (type: FieldType['type']): ((name: string, read: ReadValue) => ReadField) => {
  if (isMessage(type)) return setMessage;
  return isEnum(type) && !type.isOpen ? setKnown : setField;
};

const setMember =
  (name: string, others: readonly string[], read: ReadValue): ReadField =>
  (reader, message, depth) => {
    const value = read(reader, depth, message[name]);
    if (value === undefined) return;
    // The last member on the wire wins.
    for (const other of others) if (Object.hasOwn(message, other)) delete message[other];
    message[name] = value;
  };

const append =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    const list = message[name];
    reader.take(1);
    const value = read(reader, depth);
    if (value !== undefined && Array.isArray(list)) list.push(value);
  };

const appendPacked =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    const end = reader.end();
    const list = message[name];
    // Each packed value has at least one byte, and mostly not many more.
    reader.take(end - reader.pos);
    if (Array.isArray(list))
      while (reader.pos < end) {
        const value = read(reader, depth);
        if (value !== undefined) list.push(value);
      }
    if (reader.pos > end) throw new RangeError(`${name} passes its end`);
  };

/** An entry whose value is `undefined` has a number that its closed enum does not know: the whole entry is unknown. */
const setEntry =
  (name: string, entry: Plan, missing: () => unknown): ReadField =>
  (reader, message, depth) => {
    const { key, value: read } = readMessage(entry, reader, reader.end(), depth + 1, NO_TAG);
    const value = read === null ? missing() : read;
    const map = message[name];
    // Not by assignment: a key may be __proto__.
    if (value !== undefined && typeof map === 'object' && map !== null)
      Object.defineProperty(map, String(key), { value, enumerable: true, configurable: true, writable: true });
  };

/** Turns the messages of one schema into plain objects. */
export class Decoder {
  readonly #plans = new Map<MessageType, Plan>();

  /**
   * Bytes to a plain object with the fields' JSON names. Enums are names, or the number where it has none; 64-bit integers
   * are decimal text; bytes are a `Uint8Array` of their own; maps are objects. Fields that did not come have their default,
   * or null for a message and whatever else tracks presence without a declared default; of a oneof only the member that
   * came is there. Unknown fields are left out. The function throws where the bytes are no such message, and a
   * `TooMuchError` where they would become more than 64 MiB of messages, lists and maps.
   */
  for(type: MessageType): (bytes: Uint8Array) => unknown {
    const plan = this.#plan(type);
    return (bytes) => {
      const { buffer, byteOffset, byteLength } = bytes;
      const reader = new MessageReader(Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength));
      return readMessage(plan, reader, reader.len, 0, NO_TAG);
    };
  }

  #plan(type: MessageType): Plan {
    const known = this.#plans.get(type);
    if (known !== undefined) return known;
    const plan = planOf(type);
    this.#plans.set(type, plan);
    for (const field of type.fields) this.#addField(plan, field, type);
    return plan;
  }

  #addField({ fields }: Plan, field: FieldType, { oneofs }: MessageType): void {
    const { name, number, type } = field;
    const tag = tagOf(number, wireType(field));
    if (field.key !== null) {
      fields.set(tagOf(number, DELIMITED), setEntry(name, this.#entry(field, field.key), this.#missing(type)));
      return;
    }
    const read = this.#value(field);
    if (field.kind === 'list') {
      fields.set(tag, append(name, read));
      // A reader takes both forms, also where the schema names one.
      if (isPackable(field)) fields.set(tagOf(number, DELIMITED), appendPacked(name, read));
    } else if (field.oneof !== null) {
      const members = oneofs.find((oneof) => oneof.name === field.oneof)?.members ?? [];
      const others = members.filter((other) => other !== name);
      fields.set(tag, setMember(name, others, read));
    } else {
      const setter = typeof type === 'string' ? SETTERS[type] : undefined;
      fields.set(tag, setter === undefined ? setterOf(type)(name, read) : setter(name));
    }
  }

  /** The value of an entry that has none. */
  #missing(type: FieldType['type']): () => unknown {
    if (!isMessage(type)) return () => zeroOf(type);
    const decode = this.for(type);
    return () => decode(NO_BYTES);
  }

  /** An entry of a map is a message of a key and a value. */
  #entry(field: FieldType, keyType: ScalarName): Plan {
    const key = scalar(keyType);
    const read = this.#value(field);
    return {
      blank: { key: key.zero, value: null },
      places: ENTRY,
      lists: [],
      maps: [],
      copies: [],
      required: [],
      fields: new Fields()
        .set(tagOf(1, key.wire), setField('key', key.read))
        .set(tagOf(2, wireType(field)), isMessage(field.type) ? setMessage('value', read) : setField('value', read)),
      names: new Map([
        [1, 'key'],
        [2, 'value'],
      ]),
    };
  }

  /** Reads one value; `undefined` for a number that a closed enum has no name for. */
  #value({ type, number, isGroup }: FieldType): ReadValue {
    if (isEnum(type)) {
      const { names, isOpen } = type;
      return (reader) => {
        const value = reader.int32();
        return names[value] ?? (isOpen ? value : undefined);
      };
    }
    if (!isMessage(type)) return scalar(type).read;
    const plan = this.#plan(type);
    if (!isGroup) return (reader, depth, into) => readMessage(plan, reader, reader.end(), depth + 1, NO_TAG, into);
    const endTag = tagOf(number, GROUP + 1);
    return (reader, depth, into) => readMessage(plan, reader, reader.len, depth + 1, endTag, into);
  }
}
