import protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import { Misfit, within } from './misfit.ts';
import { SCALARS } from './scalars.ts';

type Convert = (value: unknown) => unknown;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const enumConvert = ({ values }: protobuf.Enum): Convert => {
  const names = Object.keys(values);
  const some = names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
  return (value) => {
    if (typeof value === 'string' && Object.hasOwn(values, value)) return values[value];
    // Enums are open: a number without a name is a value that only the server knows.
    if (typeof value === 'number' && value === (value | 0)) return value;
    throw new Misfit(`expected one of ${some}`);
  };
};

const listConvert =
  (convert: Convert): Convert =>
  (value) => {
    if (!Array.isArray(value)) throw new Misfit('expected a list');
    return value.map((item: unknown, index) => within(index, convert, item));
  };

const keyConvert = ({ keyType }: protobuf.MapField): ((key: string) => string) => {
  if (keyType === 'string') return (key) => key;
  if (keyType === 'bool')
    return (key) => {
      if (key !== 'true' && key !== 'false') throw new Misfit('expected a key that is true or false');
      // protobufjs writes true for any text but an empty one.
      return key === 'true' ? key : '';
    };
  const convert = SCALARS[keyType] ?? String;
  const wide = Object.hasOwn(protobuf.types.long, keyType);
  return (key) => String(convert(wide || key.trim() === '' ? key : Number(key)));
};

const mapConvert = (field: protobuf.MapField, convert: Convert): Convert => {
  const keyOf = keyConvert(field);
  return (value) => {
    if (!isObject(value)) throw new Misfit('expected an object');
    // Without a prototype, so that a key named __proto__ is a key.
    const entries: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      const name = within(key, () => keyOf(key), null);
      entries[String(name)] = within(key, convert, item);
    }
    return entries;
  };
};

/** Checks values against the messages of one schema, and writes them. */
export class Encoder {
  readonly #converts = new Map<protobuf.Type, Convert>();

  /**
   * A value with lowerCamel keys to bytes. Enums may be names or numbers, 64-bit integers text, safe numbers or bigints,
   * bytes a `Uint8Array` or base64. Null and undefined are absent; keys that the message does not have are left out.
   * The function throws a `GatewayError` BAD_USER_INPUT that says what does not fit and where.
   */
  for(type: protobuf.Type): (value: unknown) => Uint8Array {
    const convert = this.#message(type);
    return (value) => {
      try {
        const message = convert(value);
        return isObject(message) ? type.encode(message).finish() : new Uint8Array(0);
      } catch (cause) {
        const reason = cause instanceof Misfit ? cause.describe() : 'nested too deeply';
        throw new GatewayError('BAD_USER_INPUT', reason, { cause });
      }
    };
  }

  #message(type: protobuf.Type): Convert {
    const known = this.#converts.get(type);
    if (known !== undefined) return known;
    const fields: { readonly name: string; readonly required: boolean; readonly convert: Convert }[] = [];
    const oneofs = type.oneofsArray.filter(({ oneof }) => oneof.length > 1);
    const convert: Convert = (value) => {
      if (!isObject(value)) throw new Misfit('expected an object');
      const message: Record<string, unknown> = {};
      for (const field of fields) {
        const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
        if (given !== undefined && given !== null) message[field.name] = within(field.name, field.convert, given);
        else if (field.required) throw new Misfit('expected a value').under(field.name);
      }
      for (const { name, oneof } of oneofs)
        if (oneof.filter((member) => Object.hasOwn(message, member)).length > 1)
          throw new Misfit(`expected only one of ${oneof.join(', ')}`).under(name);
      return message;
    };
    // Before the fields, which may lead back here.
    this.#converts.set(type, convert);
    for (const field of type.fieldsArray)
      fields.push({ name: field.name, required: field.required, convert: this.#field(field.resolve()) });
    return convert;
  }

  #field(field: protobuf.Field): Convert {
    const convert = this.#value(field);
    if (field instanceof protobuf.MapField) return mapConvert(field, convert);
    return field.repeated ? listConvert(convert) : convert;
  }

  #value({ resolvedType, type }: protobuf.Field): Convert {
    if (resolvedType instanceof protobuf.Type) return this.#message(resolvedType);
    if (resolvedType instanceof protobuf.Enum) return enumConvert(resolvedType);
    const convert = SCALARS[type];
    if (convert === undefined) throw new Error(`protobuf has no type ${type}`);
    return convert;
  }
}
