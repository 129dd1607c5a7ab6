import type { DescEnum, DescField, DescMessage, Message, Registry } from '@bufbuild/protobuf';
import { getExtension, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

/** A text as a string literal of a .proto file. */
export const protoText = (text: string): string =>
  `"${[...Buffer.from(text)].map((byte) => (byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')}"`;

const bytesText = (bytes: Uint8Array): string =>
  `"${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;

const numberText = (value: number): string =>
  Number.isNaN(value)
    ? 'nan'
    : value === Number.POSITIVE_INFINITY
      ? 'inf'
      : value === Number.NEGATIVE_INFINITY
        ? '-inf'
        : String(value);

type Typed =
  | Pick<DescField, 'scalar' | 'enum' | 'message'>
  | {
      readonly scalar: ScalarType | undefined;
      readonly enum: DescEnum | undefined;
      readonly message: DescMessage | undefined;
    };

const valueText = (field: Typed, value: unknown, registry: Registry): string => {
  if (field.enum !== undefined) return field.enum.value[Number(value)]?.name ?? String(value);
  if (field.message !== undefined) return messageText(value, registry);
  if (typeof value === 'string') return protoText(value);
  if (value instanceof Uint8Array) return bytesText(value);
  return typeof value === 'number' && (field.scalar === ScalarType.DOUBLE || field.scalar === ScalarType.FLOAT)
    ? numberText(value)
    : String(value);
};

const isReflected = (value: unknown): value is ReflectMessage =>
  typeof value === 'object' && value !== null && 'desc' in value && 'isSet' in value;

/** Values of a set field, one for each item of a list. Maps are left out: no option of common files has one. */
const valuesOf = (message: ReflectMessage, field: DescField): unknown[] => {
  if (!message.isSet(field)) return [];
  if (field.fieldKind === 'list') return [...message.get(field)];
  return field.fieldKind === 'map' ? [] : [message.get(field)];
};

const messageText = (value: unknown, registry: Registry): string => {
  if (!isReflected(value)) return '{}';
  const members = value.desc.fields.flatMap((field) =>
    valuesOf(value, field).map((one) => `${field.name}: ${valueText(field, one, registry)}`),
  );
  return `{ ${members.join(' ')} }`;
};

/**
 * The options of a declaration, as in `deprecated = true` or `(google.api.field_behavior) = REQUIRED`. Options that no
 * file declares are left out. `skipped` names those that other syntax expresses.
 */
export const optionTexts = (
  options: Message | undefined,
  schema: DescMessage,
  registry: Registry,
  skipped: readonly string[] = [],
): string[] => {
  if (options === undefined) return [];
  const own = reflect(schema, options);
  const known = schema.fields
    .filter(({ name }) => !['uninterpreted_option', ...skipped].includes(name))
    .flatMap((field) => valuesOf(own, field).map((one) => `${field.name} = ${valueText(field, one, registry)}`));
  const numbers = new Set(options.$unknown?.map(({ no }) => no));
  const custom = [...registry].flatMap((desc) => {
    if (desc.kind !== 'extension' || desc.extendee.typeName !== schema.typeName || !numbers.has(desc.number)) return [];
    const value: unknown = getExtension(options, desc);
    const list = desc.fieldKind === 'list' && Array.isArray(value) ? value : [value];
    return list.map((one) => {
      const read = desc.message === undefined ? one : reflect(desc.message, one as Message);
      return `(${desc.typeName}) = ${valueText(desc, read, registry)}`;
    });
  });
  return [...known, ...custom];
};
