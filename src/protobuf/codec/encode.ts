import { GatewayError } from '../../core/errors.ts';
import {
  type EnumType,
  type FieldType,
  LONG,
  type MessageType,
  type ResolveType,
  type ScalarName,
  type WellKnown,
} from '../type-model.ts';
import { InvalidValueError, under } from './invalid-value.ts';
import { MessageWriter, type WriteValue, writtenScalar } from './scalars.ts';
import { durationMessage, maskMessage, timestampMessage, valueMessage } from './well-known-message.ts';

const VARINT = 0;
const DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
/** Maximum nesting: the depth that protobuf's own libraries read. */
const MAX_DEPTH = 100;

/** Maximum size of a message after which its writer is kept. */
const MAX_IDLE_BYTES = 65_536;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const tagOf = (id: number, wire: number): number => ((id << 3) | wire) >>> 0;

const enumValue = ({ numbers, names: named, isOpen }: EnumType): WriteValue => {
  const names = Object.keys(numbers);
  const some = names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
  return (writer, value) => {
    const number = typeof value === 'string' && Object.hasOwn(numbers, value) ? numbers[value] : value;
    // An open enum accepts numbers without a name, which may be from a newer schema. A closed enum rejects them.
    if (typeof number !== 'number' || number !== (number | 0) || !(isOpen || Object.hasOwn(named, number)))
      throw new InvalidValueError(`expected one of ${some}`);
    writer.int32(number);
  };
};

/** Writes a value after its tag. */
const tagged =
  (tag: number, write: WriteValue): WriteValue =>
  (writer, value) => {
    writer.uint32(tag);
    write(writer, value);
  };

/** Writes a value after its length. */
const delimited =
  (write: WriteValue): WriteValue =>
  (writer, value) => {
    writer.fork();
    write(writer, value);
    writer.join();
  };

const each =
  (write: WriteValue): WriteValue =>
  (writer, value) => {
    if (!Array.isArray(value)) throw new InvalidValueError('expected a list');
    let index = 0;
    try {
      for (; index < value.length; index += 1) write(writer, value[index]);
    } catch (error) {
      throw under(index, error);
    }
  };

const packed = (tag: number, write: WriteValue): WriteValue => {
  const whole = tagged(tag, delimited(each(write)));
  return (writer, value) => {
    if (!Array.isArray(value) || value.length > 0) whole(writer, value);
  };
};

const keyOf = (type: ScalarName): ((key: string) => unknown) => {
  if (type === 'string' || LONG.has(type)) return (key) => key;
  if (type !== 'bool') return (key) => (key.trim() === '' ? key : Number(key));
  return (key) => {
    if (key !== 'true' && key !== 'false') throw new InvalidValueError('expected a key that is true or false');
    return key === 'true';
  };
};

/** Writes the entries of a map, each as a message with a key and a value. */
const entries = (number: number, keyType: ScalarName, wire: number, value: WriteValue): WriteValue => {
  const key = writtenScalar(keyType);
  const fromText = keyOf(keyType);
  const writeKey = tagged(tagOf(1, key.wire), key.write);
  const writeItem = tagged(tagOf(2, wire), value);
  const tag = tagOf(number, DELIMITED);
  return (writer, map) => {
    if (!isObject(map)) throw new InvalidValueError('expected an object');
    for (const [name, item] of Object.entries(map))
      try {
        writer.uint32(tag);
        writer.fork();
        writeKey(writer, fromText(name));
        writeItem(writer, item);
        writer.join();
      } catch (error) {
        throw under(name, error);
      }
  };
};

const withoutUndefined = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const entries = Object.entries(fields);
  return entries.some(([, value]) => value === undefined)
    ? Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    : fields;
};

/** Returns the message that a value of a well-known type stands for. @throws InvalidValueError */
const MESSAGE_OF: Readonly<Record<Exclude<WellKnown, 'any'>, (value: unknown) => unknown>> = {
  duration: durationMessage,
  list: (values) => ({ values }),
  mask: maskMessage,
  struct: (fields) => ({ fields: isObject(fields) ? withoutUndefined(fields) : fields }),
  timestamp: timestampMessage,
  value: valueMessage,
  wrapper: (value) => ({ value }),
};

interface Field {
  readonly name: string;
  readonly required: boolean;
  /** True if null is a value: that of `google.protobuf.Value`. */
  readonly nullable: boolean;
  readonly write: WriteValue;
}

// perf: P1
/** Checks and writes values of one schema's messages in a single pass. */
export class Encoder {
  readonly #resolve: ResolveType;
  readonly #messages = new Map<MessageType, WriteValue>();
  /** A writer that has finished: it keeps its buffer, which for a new one grows step by step. */
  #idle: MessageWriter | null = null;

  /** `resolve`: types of Any. Default: none. */
  constructor(resolve: ResolveType = () => null) {
    this.#resolve = resolve;
  }

  /**
   * Returns the encoder of a type: a value with the fields' JSON names to bytes.
   *
   * Enums may be names or numbers, 64-bit integers text, safe numbers or bigints, bytes a `Uint8Array` or base64. Null
   * and undefined mean absent. Well-known types have the form of protobuf's JSON mapping. Keys without a field are left out. The encoder throws a `GatewayError` BAD_USER_INPUT
   * that names the invalid value and its place.
   */
  for(type: MessageType): (value: unknown) => Uint8Array {
    const write = this.#message(type);
    return (value) => {
      // Another message may be written meanwhile, by a getter of this one.
      const writer = this.#idle ?? new MessageWriter();
      this.#idle = null;
      try {
        write(writer, value);
        const bytes = writer.finish();
        if (bytes.length <= MAX_IDLE_BYTES) this.#idle = writer;
        return bytes;
      } catch (cause) {
        const reason = cause instanceof InvalidValueError ? cause.describe() : 'nested too deeply';
        throw new GatewayError('BAD_USER_INPUT', reason, { cause });
      }
    };
  }

  #message(type: MessageType): WriteValue {
    const known = this.#messages.get(type);
    if (known !== undefined) return known;
    return type.wellKnown === null ? this.#plain(type) : this.#wellKnown(type, type.wellKnown);
  }

  /** Writes the form that a value of a well-known type has as a message. */
  #wellKnown(type: MessageType, kind: WellKnown): WriteValue {
    const convert = kind === 'any' ? this.#any : MESSAGE_OF[kind];
    const write: WriteValue = (writer, value) => {
      const form = convert(value, writer.depth);
      try {
        message(writer, form);
      } catch (error) {
        // The fields of the message are not part of the value.
        throw error instanceof InvalidValueError ? error.withoutStep() : error;
      }
    };
    this.#messages.set(type, write);
    const message = this.#plain(type, false);
    return write;
  }

  readonly #any = (value: unknown, depth: number): unknown => {
    const expected = "expected an object with '@type'";
    if (!isObject(value) || typeof value['@type'] !== 'string') throw new InvalidValueError(expected);
    const { '@type': written, ...content } = value;
    const typeUrl = written.includes('/') ? written : `type.googleapis.com/${written}`;
    const type = this.#resolve(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
    // An unknown type has its bytes in `value`.
    if (type === null && Object.keys(content).some((name) => name !== 'value'))
      throw new InvalidValueError(`expected a type of the .proto file and its imports, or bytes in value`).under(
        '@type',
      );
    if (type === null) return { typeUrl, value: content.value };
    const writer = new MessageWriter();
    writer.depth = depth + 1;
    this.#message(type)(writer, type.wellKnown === null ? content : content.value);
    return { typeUrl, value: writer.finish() };
  };

  #plain(type: MessageType, isKnown = true): WriteValue {
    const fields: Field[] = [];
    const oneofs = type.oneofs.filter(({ members }) => members.length > 1);
    const write: WriteValue = (writer, value) => {
      if (!isObject(value)) throw new InvalidValueError('expected an object');
      if (writer.depth > MAX_DEPTH) throw new RangeError('nested too deeply');
      writer.depth += 1;
      for (const { name, members } of oneofs)
        if (members.filter((member) => isGiven(value, member)).length > 1)
          throw new InvalidValueError(`expected only one of ${members.join(', ')}`).under(name);
      for (const field of fields) writeField(field, writer, value);
      writer.depth -= 1;
    };
    // Registered before its fields, which may refer to this type.
    if (isKnown) this.#messages.set(type, write);
    // Sorted by field number, as protobuf recommends.
    for (const field of type.fields.toSorted((one, other) => one.number - other.number))
      fields.push({
        name: field.name,
        required: field.isRequired,
        nullable: isNullable(field),
        write: this.#field(field),
      });
    return write;
  }

  #field(field: FieldType): WriteValue {
    const { number, kind, key, isPacked } = field;
    const { wire, write } = this.#value(field);
    if (key !== null) return entries(number, key, wire, write);
    if (kind !== 'list') return tagged(tagOf(number, wire), write);
    return isPacked ? packed(tagOf(number, DELIMITED), write) : each(tagged(tagOf(number, wire), write));
  }

  #value({ type, number, isGroup }: FieldType): { readonly wire: number; readonly write: WriteValue } {
    if (typeof type === 'string') return writtenScalar(type);
    if (type.kind === 'enum') return { wire: VARINT, write: enumValue(type) };
    const message = this.#message(type);
    if (!isGroup) return { wire: DELIMITED, write: delimited(message) };
    const end = tagOf(number, END_GROUP);
    const write: WriteValue = (writer, value) => {
      message(writer, value);
      writer.uint32(end);
    };
    return { wire: START_GROUP, write };
  }
}

/** True for a field in which null is a value. In a oneof it would replace the other member. */
const isNullable = ({ kind, type, oneof }: FieldType): boolean =>
  kind === 'single' &&
  oneof === null &&
  typeof type === 'object' &&
  type.kind === 'message' &&
  type.wellKnown === 'value';

const isGiven = (value: Readonly<Record<string, unknown>>, name: string): boolean =>
  Object.hasOwn(value, name) && value[name] !== undefined && value[name] !== null;

const writeField = (
  { name, required, nullable, write }: Field,
  writer: MessageWriter,
  value: Readonly<Record<string, unknown>>,
): void => {
  const given = Object.hasOwn(value, name) ? value[name] : undefined;
  if (given === undefined || (given === null && !nullable)) {
    if (required) throw new InvalidValueError('expected a value').under(name);
    return;
  }
  try {
    write(writer, given);
  } catch (error) {
    throw under(name, error);
  }
};
