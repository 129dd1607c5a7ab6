import protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import { Misfit, under } from './misfit.ts';
import { type WriteValue, writtenScalar } from './scalars.ts';
import { MessageWriter } from './writer.ts';

const VARINT = 0;
const DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
/** As deep as protobuf's own libraries read. */
const DEEPEST = 100;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const tagOf = (id: number, wire: number): number => ((id << 3) | wire) >>> 0;

const enumValue = ({ values }: protobuf.Enum): WriteValue => {
  const names = Object.keys(values);
  const some = names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
  return (writer, value) => {
    const number = typeof value === 'string' && Object.hasOwn(values, value) ? values[value] : value;
    // Enums are open: a number without a name is a value that only the server knows.
    if (typeof number !== 'number' || number !== (number | 0)) throw new Misfit(`expected one of ${some}`);
    writer.int32(number);
  };
};

/** A value with its tag in front of it. */
const tagged =
  (tag: number, write: WriteValue): WriteValue =>
  (writer, value) => {
    writer.uint32(tag);
    write(writer, value);
  };

/** Its length comes before it. */
const delimited =
  (write: WriteValue): WriteValue =>
  (writer, value) => {
    const start = writer.begin();
    write(writer, value);
    writer.end(start);
  };

const each =
  (write: WriteValue): WriteValue =>
  (writer, value) => {
    if (!Array.isArray(value)) throw new Misfit('expected a list');
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

const keyOf = (type: string): ((key: string) => unknown) => {
  if (type === 'string' || Object.hasOwn(protobuf.types.long, type)) return (key) => key;
  if (type !== 'bool') return (key) => (key.trim() === '' ? key : Number(key));
  return (key) => {
    if (key !== 'true' && key !== 'false') throw new Misfit('expected a key that is true or false');
    return key === 'true';
  };
};

/** Each entry of a map is a message of a key and a value. */
const entries = ({ id, keyType }: protobuf.MapField, wire: number, value: WriteValue): WriteValue => {
  const key = writtenScalar(keyType);
  const fromText = keyOf(keyType);
  const writeKey = tagged(tagOf(1, key.wire), key.write);
  const writeItem = tagged(tagOf(2, wire), value);
  const tag = tagOf(id, DELIMITED);
  return (writer, map) => {
    if (!isObject(map)) throw new Misfit('expected an object');
    for (const [name, item] of Object.entries(map))
      try {
        writer.uint32(tag);
        const start = writer.begin();
        writeKey(writer, fromText(name));
        writeItem(writer, item);
        writer.end(start);
      } catch (error) {
        throw under(name, error);
      }
  };
};

interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly write: WriteValue;
}

/** Checks values against the messages of one schema, and writes them, both on one way through. */
export class Encoder {
  readonly #messages = new Map<protobuf.Type, WriteValue>();
  #spare: MessageWriter | null = null;

  /**
   * A value with lowerCamel keys to bytes. Enums may be names or numbers, 64-bit integers text, safe numbers or bigints,
   * bytes a `Uint8Array` or base64. Null and undefined are absent; keys that the message does not have are left out.
   * The function throws a `GatewayError` BAD_USER_INPUT that says what does not fit and where.
   */
  for(type: protobuf.Type): (value: unknown) => Uint8Array {
    const write = this.#message(type);
    return (value) => {
      // Taken away meanwhile: a value may have a getter that leads back here.
      const writer = this.#spare ?? new MessageWriter();
      this.#spare = null;
      writer.start();
      try {
        write(writer, value);
        return writer.finish();
      } catch (cause) {
        const reason = cause instanceof Misfit ? cause.describe() : 'nested too deeply';
        throw new GatewayError('BAD_USER_INPUT', reason, { cause });
      } finally {
        this.#spare = writer;
      }
    };
  }

  #message(type: protobuf.Type): WriteValue {
    const known = this.#messages.get(type);
    if (known !== undefined) return known;
    const fields: Field[] = [];
    const oneofs = type.oneofsArray.filter(({ oneof }) => oneof.length > 1);
    const write: WriteValue = (writer, value) => {
      if (!isObject(value)) throw new Misfit('expected an object');
      if (writer.depth > DEEPEST) throw new RangeError('nested too deeply');
      writer.depth += 1;
      for (const { name, oneof } of oneofs)
        if (oneof.filter((member) => isGiven(value, member)).length > 1)
          throw new Misfit(`expected only one of ${oneof.join(', ')}`).under(name);
      for (const field of fields) writeField(field, writer, value);
      writer.depth -= 1;
    };
    // Before the fields, which may lead back here.
    this.#messages.set(type, write);
    // As protobuf asks for it: by number.
    for (const field of type.fieldsArray.toSorted((one, other) => one.id - other.id))
      fields.push({ name: field.name, required: field.required, write: this.#field(field.resolve()) });
    return write;
  }

  #field(field: protobuf.Field): WriteValue {
    const { id, resolvedType, type } = field;
    const isEnum = resolvedType instanceof protobuf.Enum;
    const { wire, write } =
      resolvedType instanceof protobuf.Type
        ? this.#nested(resolvedType, field)
        : isEnum
          ? { wire: VARINT, write: enumValue(resolvedType) }
          : writtenScalar(type);
    if (field instanceof protobuf.MapField) return entries(field, wire, write);
    if (!field.repeated) return tagged(tagOf(id, wire), write);
    const isPacked = field.packed && wire !== DELIMITED && wire !== START_GROUP;
    return isPacked ? packed(tagOf(id, DELIMITED), write) : each(tagged(tagOf(id, wire), write));
  }

  #nested(type: protobuf.Type, { id, delimited: isGroup }: protobuf.Field & { readonly delimited?: boolean }) {
    const message = this.#message(type);
    if (isGroup !== true) return { wire: DELIMITED, write: delimited(message) };
    const end = tagOf(id, END_GROUP);
    const write: WriteValue = (writer, value) => {
      message(writer, value);
      writer.uint32(end);
    };
    return { wire: START_GROUP, write };
  }
}

const isGiven = (value: Readonly<Record<string, unknown>>, name: string): boolean =>
  Object.hasOwn(value, name) && value[name] !== undefined && value[name] !== null;

const writeField = (
  { name, required, write }: Field,
  writer: MessageWriter,
  value: Readonly<Record<string, unknown>>,
): void => {
  const given = Object.hasOwn(value, name) ? value[name] : undefined;
  if (given === undefined || given === null) {
    if (required) throw new Misfit('expected a value').under(name);
    return;
  }
  try {
    write(writer, given);
  } catch (error) {
    throw under(name, error);
  }
};
