import {
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescMessage,
  type Registry,
  ScalarType,
} from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import type { ReadComment } from './comments.ts';
import { fieldBehaviorReader } from './field-behavior.ts';
import { jsonNames } from './json-names.ts';
import type { EnumType, FieldType, MessageType, ScalarName, WellKnown } from './type-model.ts';

const SCALARS: Readonly<Record<ScalarType, ScalarName>> = {
  [ScalarType.BOOL]: 'bool',
  [ScalarType.BYTES]: 'bytes',
  [ScalarType.DOUBLE]: 'double',
  [ScalarType.FIXED32]: 'fixed32',
  [ScalarType.FIXED64]: 'fixed64',
  [ScalarType.FLOAT]: 'float',
  [ScalarType.INT32]: 'int32',
  [ScalarType.INT64]: 'int64',
  [ScalarType.SFIXED32]: 'sfixed32',
  [ScalarType.SFIXED64]: 'sfixed64',
  [ScalarType.SINT32]: 'sint32',
  [ScalarType.SINT64]: 'sint64',
  [ScalarType.STRING]: 'string',
  [ScalarType.UINT32]: 'uint32',
  [ScalarType.UINT64]: 'uint64',
};

const PACKAGE = 'google.protobuf.';
const WRAPPED = ['Bool', 'Bytes', 'Double', 'Float', 'Int32', 'Int64', 'String', 'UInt32', 'UInt64'];
const WELL_KNOWN: ReadonlyMap<string, WellKnown> = new Map<string, WellKnown>([
  [`${PACKAGE}Any`, 'any'],
  [`${PACKAGE}Duration`, 'duration'],
  [`${PACKAGE}FieldMask`, 'mask'],
  [`${PACKAGE}ListValue`, 'list'],
  [`${PACKAGE}Struct`, 'struct'],
  [`${PACKAGE}Timestamp`, 'timestamp'],
  [`${PACKAGE}Value`, 'value'],
  ...WRAPPED.map((name) => [`${PACKAGE}${name}Value`, 'wrapper'] as const),
]);

type AnyField = DescField | DescExtension;

const pathOf = ({ name, parent }: DescMessage | DescEnum): readonly string[] =>
  parent === undefined ? [name] : [...pathOf(parent), name];

const kindOf = ({ fieldKind }: AnyField): FieldType['kind'] =>
  fieldKind === 'list' || fieldKind === 'map' ? fieldKind : 'single';

const isGroup = (field: AnyField): boolean =>
  (field.fieldKind === 'message' || (field.fieldKind === 'list' && field.listKind === 'message')) &&
  field.delimitedEncoding;

/** Returns extensions by the full name of the message that they extend. */
const extensionsIn = (registry: Registry): ReadonlyMap<string, readonly DescExtension[]> => {
  const all = [...registry].filter((desc) => desc.kind === 'extension');
  return Map.groupBy(all, ({ extendee }) => extendee.typeName);
};

const declaredDefault = (field: AnyField): unknown => {
  if (field.fieldKind !== 'scalar' && field.fieldKind !== 'enum') return null;
  if (field.proto.defaultValue === undefined || !Object.hasOwn(field.proto, 'defaultValue')) return null;
  const value: unknown = field.getDefaultValue() ?? null;
  if (field.fieldKind === 'enum')
    return typeof value === 'number' ? (field.enum.value[value]?.jsonName ?? value) : null;
  return typeof value === 'bigint' ? String(value) : value;
};

/**
 * Returns the function that converts the messages of one schema, with their enums. A recursive message is one object
 * that refers to itself.
 */
export const typeReader = (
  registry: Registry,
  docOf: ReadComment,
  diskPath: (name: string) => string,
): ((desc: DescMessage) => MessageType) => {
  const messages = new Map<DescMessage, MessageType>();
  const enums = new Map<DescEnum, EnumType>();
  const extensions = extensionsIn(registry);
  const behaviorOf = fieldBehaviorReader(registry);
  const declarationOf = (desc: DescMessage | DescEnum) => ({
    name: desc.typeName,
    path: pathOf(desc),
    file: diskPath(desc.file.proto.name),
    doc: docOf(desc),
  });

  const enumOf = (desc: DescEnum): EnumType => {
    const known = enums.get(desc);
    if (known !== undefined) return known;
    const { values } = desc;
    const type: EnumType = {
      ...declarationOf(desc),
      kind: 'enum',
      numbers: Object.fromEntries(values.map(({ jsonName, number }) => [jsonName, number])),
      names: Object.fromEntries(values.toReversed().map(({ jsonName, number }) => [number, jsonName])),
      first: values[0]?.jsonName ?? '',
      isOpen: desc.open,
    };
    enums.set(desc, type);
    return type;
  };

  const valueType = (field: AnyField): FieldType['type'] => {
    if (field.message !== undefined) return messageOf(field.message);
    if (field.enum !== undefined) return enumOf(field.enum);
    return SCALARS[field.scalar];
  };

  const fieldOf = (field: AnyField, name: string): FieldType => ({
    name,
    writtenName: field.name,
    number: field.number,
    kind: kindOf(field),
    type: valueType(field),
    key: field.fieldKind === 'map' ? SCALARS[field.mapKey] : null,
    oneof: field.oneof?.name ?? null,
    isRequired: field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED,
    hasPresence: kindOf(field) === 'single' && field.presence !== FeatureSet_FieldPresence.IMPLICIT,
    declaredDefault: declaredDefault(field),
    isPacked: field.fieldKind === 'list' && field.packed,
    isGroup: isGroup(field),
    isDeprecated: field.deprecated,
    behavior: behaviorOf(field),
    doc: field.kind === 'field' ? docOf(field) : null,
  });

  const messageOf = (desc: DescMessage): MessageType => {
    const known = messages.get(desc);
    if (known !== undefined) return known;
    const names = jsonNames(desc.fields);
    const fields: FieldType[] = [];
    const oneofs = desc.oneofs.map((oneof) => ({
      name: oneof.name,
      members: oneof.fields.map((field) => names.get(field) ?? field.name),
    }));
    const wellKnown = WELL_KNOWN.get(desc.typeName) ?? null;
    const type: MessageType = { ...declarationOf(desc), kind: 'message', wellKnown, fields, oneofs };
    // Registered before its fields, which may refer to this type.
    messages.set(desc, type);
    for (const field of desc.fields) fields.push(fieldOf(field, names.get(field) ?? field.name));
    // Extensions of a MessageSet have their own format and are left out like unknown fields.
    if (desc.proto.options?.messageSetWireFormat === true) return type;
    for (const field of extensions.get(desc.typeName) ?? []) fields.push(fieldOf(field, `[${field.typeName}]`));
    return type;
  };

  return messageOf;
};
