import type { EnumType, FieldType, MessageType, ScalarName } from '../type-model.ts';
import { ENTRY } from './memory-budget.ts';
import type { MessagePlan, ReadField, ReadValue } from './message-plan.ts';
import { Fields, NO_TAG, planOf, readMessage, zeroOf } from './message-plan.ts';
import { DELIMITED, GROUP, scalarReader, VARINT } from './read-scalars.ts';
import { MessageReader } from './reader.ts';

const NO_BYTES = new Uint8Array(0);

const isMessage = (type: FieldType['type']): type is MessageType => typeof type === 'object' && type.kind === 'message';
const isEnum = (type: FieldType['type']): type is EnumType => typeof type === 'object' && type.kind === 'enum';

const wireType = ({ type, isGroup }: FieldType): number => {
  if (isMessage(type)) return isGroup ? GROUP : DELIMITED;
  return isEnum(type) ? VARINT : scalarReader(type).wire;
};

const isPackable = (field: FieldType): boolean => wireType(field) !== DELIMITED && wireType(field) !== GROUP;

const tagOf = (number: number, wire: number): number => ((number << 3) | wire) >>> 0;

const setField =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    message[name] = read(reader, depth);
  };

/** Setters for the most frequent types. They save one function call for each value. */
const SETTERS: Readonly<Partial<Record<ScalarName, (name: string) => ReadField>>> = {
  string: (name) => (reader, message) => {
    message[name] = reader.string();
  },
  int32: (name) => (reader, message) => {
    message[name] = reader.int32();
  },
};

/** A message may arrive in parts. Each part is merged into the message so far. */
const setMessage =
  (name: string, read: ReadValue): ReadField =>
  (reader, message, depth) => {
    message[name] = read(reader, depth, message[name]);
  };

/** Sets a value of a closed enum. A number without a name is an unknown field and is ignored. */
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
    // Each packed value takes at least one byte, and usually few more.
    reader.take(end - reader.pos);
    if (Array.isArray(list))
      while (reader.pos < end) {
        const value = read(reader, depth);
        if (value !== undefined) list.push(value);
      }
    if (reader.pos > end) throw new RangeError(`${name}: a value is longer than the list`);
  };

/** An entry with the value `undefined` has a number that its closed enum does not know: the whole entry is unknown. */
const setEntry =
  (name: string, entry: MessagePlan, missing: () => unknown): ReadField =>
  (reader, message, depth) => {
    const { key, value: read } = readMessage(entry, reader, reader.end(), depth + 1, NO_TAG);
    const value = read === null ? missing() : read;
    const map = message[name];
    // Assignment would be wrong for the key __proto__.
    if (value !== undefined && typeof map === 'object' && map !== null)
      Object.defineProperty(map, String(key), { value, enumerable: true, configurable: true, writable: true });
  };

// perf: P1
/** Decodes the messages of one schema to plain objects. */
export class Decoder {
  readonly #plans = new Map<MessageType, MessagePlan>();

  /**
   * Returns the decoder of a type: bytes to a plain object with the fields' JSON names.
   *
   * Enums are names, or the number if it has none. 64-bit integers are decimal text, bytes an independent `Uint8Array`,
   * maps objects. Absent fields have their default, or null if they track presence (messages among them) without a
   * declared default. A oneof has only the member that arrived. Unknown fields are left out.
   *
   * The decoder throws for invalid bytes, and a `MemoryBudgetError` if the messages, lists and maps would take more than 64
   * MiB.
   */
  for(type: MessageType): (bytes: Uint8Array) => unknown {
    const read = this.reading(type);
    return (bytes) => read(new MessageReader(bytes));
  }

  /** Returns the decoder of a type for the remaining bytes of a reader. */
  reading(type: MessageType): (reader: MessageReader) => unknown {
    const plan = this.#plan(type);
    return (reader) => readMessage(plan, reader, reader.len, 0, NO_TAG);
  }

  #plan(type: MessageType): MessagePlan {
    const known = this.#plans.get(type);
    if (known !== undefined) return known;
    const plan = planOf(type);
    this.#plans.set(type, plan);
    for (const field of type.fields) this.#addField(plan, field, type);
    return plan;
  }

  #addField({ fields }: MessagePlan, field: FieldType, { oneofs }: MessageType): void {
    const { name, number, type } = field;
    const tag = tagOf(number, wireType(field));
    if (field.key !== null) {
      fields.set(tagOf(number, DELIMITED), setEntry(name, this.#entry(field, field.key), this.#missing(type)));
      return;
    }
    const read = this.#value(field);
    if (field.kind === 'list') {
      fields.set(tag, append(name, read));
      // A reader must accept packed and unpacked, whichever the schema declares.
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

  /** Returns the default value of an entry without a value. */
  #missing(type: FieldType['type']): () => unknown {
    if (!isMessage(type)) return () => zeroOf(type);
    const decode = this.for(type);
    return () => decode(NO_BYTES);
  }

  /** An entry of a map is encoded as a message with a key and a value. */
  #entry(field: FieldType, keyType: ScalarName): MessagePlan {
    const key = scalarReader(keyType);
    const read = this.#value(field);
    return {
      blank: { key: key.zero, value: null },
      slots: ENTRY,
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

  /** Reads one value; `undefined` for a number without a name in a closed enum. */
  #value({ type, number, isGroup }: FieldType): ReadValue {
    if (isEnum(type)) {
      const { names, isOpen } = type;
      return (reader) => {
        const value = reader.int32();
        return names[value] ?? (isOpen ? value : undefined);
      };
    }
    if (!isMessage(type)) return scalarReader(type).read;
    const plan = this.#plan(type);
    if (!isGroup) return (reader, depth, into) => readMessage(plan, reader, reader.end(), depth + 1, NO_TAG, into);
    const endTag = tagOf(number, GROUP + 1);
    return (reader, depth, into) => readMessage(plan, reader, reader.len, depth + 1, endTag, into);
  }
}
