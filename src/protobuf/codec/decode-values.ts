import type { FieldType, MessageType, ResolveType } from '../type-model.ts';
import { Decoder } from './decode.ts';
import type { Row } from './message-plan.ts';
import { MessageReader } from './reader.ts';
import { durationText, maskText, timestampText } from './well-known-text.ts';

/** Maximum nesting of one Any in another. */
const MAX_ANYS = 20;

/** State of the decoding of one message. */
interface Decoding {
  /** Memory left, in slots. */
  slots: number;
  /** Anys around the current value. */
  anys: number;
}

type Convert = (raw: unknown, state: Decoding) => unknown;

interface FieldConverter {
  readonly name: string;
  readonly kind: FieldType['kind'];
  readonly convert: Convert;
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

const base64 = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    : value;

/** Lets a converter read the fields of the raw message. */
const ofRow =
  (convert: (raw: Row, state: Decoding) => unknown): Convert =>
  (raw, state) =>
    isRow(raw) ? convert(raw, state) : raw;

/** Returns all message types below a type, itself included. */
const typesBelow = (type: MessageType, found = new Set<MessageType>()): ReadonlySet<MessageType> => {
  if (found.has(type)) return found;
  found.add(type);
  for (const { type: of } of type.fields) if (typeof of === 'object' && of.kind === 'message') typesBelow(of, found);
  return found;
};

const isConverted = (type: MessageType): boolean =>
  [...typesBelow(type)].some(
    ({ wellKnown, fields }) => wellKnown !== null || fields.some((field) => field.type === 'bytes'),
  );

/**
 * Decodes messages as `Decoder` does, then converts bytes to base64 and well-known types to their form in protobuf's
 * JSON mapping. The conversion follows the decoding because a message may arrive in parts.
 */
export class ValueDecoder {
  readonly #decoder = new Decoder();
  readonly #resolve: ResolveType;
  readonly #converters = new Map<MessageType, Convert | null>();

  constructor(resolve: ResolveType) {
    this.#resolve = resolve;
  }

  /** Returns the decoder of a type. It throws like those of `Decoder`, and for well-known values out of range. */
  for(type: MessageType): (bytes: Uint8Array) => unknown {
    const read = this.#decoder.reading(type);
    const convert = this.#converter(type);
    if (convert === null) return this.#decoder.for(type);
    return (bytes) => {
      const reader = new MessageReader(bytes);
      const raw = read(reader);
      return convert(raw, { slots: reader.slots, anys: 0 });
    };
  }

  /** Returns the converter of a type; null if nothing below it is converted. */
  #converter(type: MessageType): Convert | null {
    const known = this.#converters.get(type);
    if (known !== undefined) return known;
    if (!isConverted(type)) {
      this.#converters.set(type, null);
      return null;
    }
    if (type.wellKnown !== null) {
      const convert = this.#wellKnown(type.wellKnown);
      this.#converters.set(type, convert);
      return convert;
    }
    const fields: FieldConverter[] = [];
    const convert = ofRow((message, state) => {
      for (const { name, kind, convert: of } of fields) {
        const value = message[name];
        if (value === null || value === undefined) continue;
        message[name] = kind === 'single' ? of(value, state) : convertAll(value, of, state);
      }
      return message;
    });
    // Registered before its fields, which may refer to this type.
    this.#converters.set(type, convert);
    for (const { name, kind, type: of } of type.fields) {
      const converter = this.#valueConverter(of);
      if (converter !== null) fields.push({ name, kind, convert: converter });
    }
    return convert;
  }

  #valueConverter(type: FieldType['type']): Convert | null {
    if (type === 'bytes') return base64;
    return typeof type === 'object' && type.kind === 'message' ? this.#converter(type) : null;
  }

  #wellKnown(kind: NonNullable<MessageType['wellKnown']>): Convert {
    switch (kind) {
      case 'timestamp':
        return ofRow(timestampText);
      case 'duration':
        return ofRow(durationText);
      case 'mask':
        return ofRow(maskText);
      case 'wrapper':
        return ofRow(({ value }) => base64(value));
      case 'struct':
        return structOf;
      case 'list':
        return listOf;
      case 'value':
        return jsonOf;
      case 'any':
        return ofRow((any, state) => this.#any(any, state));
    }
  }

  #any({ typeUrl, value }: Row, state: Decoding): unknown {
    if (typeof typeUrl !== 'string' || !(value instanceof Uint8Array)) return null;
    const type = this.#resolve(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
    if (type === null) return { '@type': typeUrl, value: base64(value) };
    state.anys += 1;
    if (state.anys > MAX_ANYS) throw new RangeError('nested too deeply');
    // One memory limit for the whole message.
    const reader = new MessageReader(value, state.slots);
    const raw = this.#decoder.reading(type)(reader);
    state.slots = reader.slots;
    const convert = this.#converter(type);
    const content = convert === null ? raw : convert(raw, state);
    state.anys -= 1;
    if (type.wellKnown !== null) return { '@type': typeUrl, value: content };
    return { '@type': typeUrl, ...(isRow(content) ? content : {}) };
  }
}

/** Converts the items of a list or the values of a map, in place. */
const convertAll = (values: unknown, convert: Convert, state: Decoding): unknown => {
  if (Array.isArray(values)) for (let at = 0; at < values.length; at += 1) values[at] = convert(values[at], state);
  // A key `__proto__` is an own property here, which an assignment sets.
  else if (isRow(values)) for (const key of Object.keys(values)) values[key] = convert(values[key], state);
  return values;
};

const structOf: Convert = (raw, state) => (isRow(raw) ? convertAll(raw.fields, jsonOf, state) : raw);

const listOf: Convert = (raw, state) => (isRow(raw) ? convertAll(raw.values, jsonOf, state) : raw);

/** Returns the JSON value of a `google.protobuf.Value`; null for one without content. */
const jsonOf: Convert = (raw, state) => {
  if (!isRow(raw)) return raw;
  if (raw.structValue !== undefined) return structOf(raw.structValue, state);
  if (raw.listValue !== undefined) return listOf(raw.listValue, state);
  return raw.stringValue ?? raw.numberValue ?? raw.boolValue ?? null;
};
