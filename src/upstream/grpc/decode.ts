import protobuf from 'protobufjs';
import { ENTRY } from './places.ts';
import type { Plan, ReadField, ReadValue } from './plan.ts';
import { defaultOf, Fields, isOneofMember, NO_TAG, planOf, readMessage } from './plan.ts';
import { DELIMITED, GROUP, scalar, VARINT } from './read-scalars.ts';
import { MessageReader } from './reader.ts';

const NO_BYTES = new Uint8Array(0);

type AnyField = Pick<protobuf.Field, 'id' | 'type' | 'resolvedType'> & { readonly delimited?: boolean };

const wireType = ({ resolvedType, type, delimited }: AnyField): number => {
  if (resolvedType instanceof protobuf.Type) return delimited === true ? GROUP : DELIMITED;
  return resolvedType === null ? scalar(type).wire : VARINT;
};

const isPackable = (field: protobuf.Field): boolean => wireType(field) !== DELIMITED && wireType(field) !== GROUP;

const tagOf = (id: number, wire: number): number => ((id << 3) | wire) >>> 0;

const setField =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    message[name] = read(reader, depth);
  };

/** The types that most fields have: one call less for each value. */
const SETTERS: Readonly<Record<string, (name: string) => ReadField>> = {
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

const setterOf = ({ resolvedType }: AnyField) => (resolvedType instanceof protobuf.Type ? setMessage : setField);

const setMember =
  (name: string, others: readonly string[], read: ReadValue): ReadField =>
  (reader, message, depth) => {
    // The last member on the wire wins.
    for (const other of others) if (Object.hasOwn(message, other)) delete message[other];
    message[name] = read(reader, depth, message[name]);
  };

const append =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    const list = message[name];
    reader.take(1);
    if (Array.isArray(list)) list.push(read(reader, depth));
  };

const appendPacked =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    const end = reader.end();
    const list = message[name];
    // Of what is packed each value has a byte at least, and mostly not many more.
    reader.take(end - reader.pos);
    if (Array.isArray(list)) while (reader.pos < end) list.push(read(reader, depth));
    if (reader.pos > end) throw new RangeError(`${name} passes its end`);
  };

const setEntry =
  (name: string, entry: Plan, missing: () => unknown): ReadField =>
  (reader, message, depth) => {
    const { key, value: read } = readMessage(entry, reader, reader.end(), depth + 1, NO_TAG);
    const value = read ?? missing();
    const map = message[name];
    // Not by assignment: a key may be __proto__.
    if (typeof map === 'object' && map !== null)
      Object.defineProperty(map, String(key), { value, enumerable: true, configurable: true, writable: true });
  };

/** Turns the messages of one schema into plain objects. */
export class Decoder {
  readonly #plans = new Map<protobuf.Type, Plan>();

  /**
   * Bytes to a plain object with lowerCamel keys. Enums are names, or the number where it has none; 64-bit integers are
   * decimal text; bytes are a `Uint8Array` of their own; maps are objects. Fields that did not come have their default,
   * or null for a message and whatever else tracks presence; of a oneof only the member that came is there. Unknown
   * fields are left out. The function throws where the bytes are no such message, and a `TooMuchError` where they would
   * become more than 64 MiB of messages, lists and maps.
   */
  for(type: protobuf.Type): (bytes: Uint8Array) => unknown {
    const plan = this.#plan(type);
    return (bytes) => {
      const { buffer, byteOffset, byteLength } = bytes;
      const reader = new MessageReader(Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength));
      return readMessage(plan, reader, reader.len, 0, NO_TAG);
    };
  }

  #plan(type: protobuf.Type): Plan {
    const known = this.#plans.get(type);
    if (known !== undefined) return known;
    const plan = planOf(type);
    this.#plans.set(type, plan);
    for (const field of type.fieldsArray) this.#addField(plan, field);
    return plan;
  }

  #addField({ fields }: Plan, field: protobuf.Field): void {
    const { id, name } = field;
    const tag = tagOf(id, wireType(field));
    if (field instanceof protobuf.MapField) {
      fields.set(tagOf(id, DELIMITED), setEntry(name, this.#entry(field), this.#missing(field)));
      return;
    }
    const read = this.#value(field);
    if (field.repeated) {
      fields.set(tag, append(name, read));
      // Whatever the schema says, a reader takes both.
      if (isPackable(field)) fields.set(tagOf(id, DELIMITED), appendPacked(name, read));
    } else if (isOneofMember(field)) {
      const others = field.partOf?.oneof.filter((other) => other !== name) ?? [];
      fields.set(tag, setMember(name, others, read));
    } else {
      const setter = field.resolvedType === null ? SETTERS[field.type] : undefined;
      fields.set(tag, setter === undefined ? setterOf(field)(name, read) : setter(name));
    }
  }

  /** The value of an entry that has none. */
  #missing(field: protobuf.MapField): () => unknown {
    if (!(field.resolvedType instanceof protobuf.Type)) return () => defaultOf(field);
    const decode = this.for(field.resolvedType);
    return () => decode(NO_BYTES);
  }

  /** An entry of a map is a message of a key and a value. */
  #entry(field: protobuf.MapField): Plan {
    const key = scalar(field.keyType);
    return {
      blank: { key: key.zero, value: null },
      places: ENTRY,
      lists: [],
      maps: [],
      required: [],
      fields: new Fields()
        .set(tagOf(1, key.wire), setField('key', key.read))
        .set(tagOf(2, wireType(field)), setterOf(field)('value', this.#value(field))),
      names: new Map([
        [1, 'key'],
        [2, 'value'],
      ]),
    };
  }

  #value(field: AnyField): ReadValue {
    const { id, resolvedType, type } = field;
    if (resolvedType instanceof protobuf.Enum) {
      const names = resolvedType.valuesById;
      return (reader) => {
        const number = reader.int32();
        return names[number] ?? number;
      };
    }
    if (!(resolvedType instanceof protobuf.Type)) return scalar(type).read;
    const plan = this.#plan(resolvedType);
    if (field.delimited !== true)
      return (reader, depth, into) => readMessage(plan, reader, reader.end(), depth + 1, NO_TAG, into);
    const endTag = tagOf(id, GROUP + 1);
    return (reader, depth, into) => readMessage(plan, reader, reader.len, depth + 1, endTag, into);
  }
}
