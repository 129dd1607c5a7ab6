import { quoted } from '../../../codegen/layout.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedService, MessageField, MessageObject, OneofMember, ProtoEnum } from '../imported-service.ts';
import { isEmptyMessage } from '../read/message-types.ts';

/** The expression of a value of the graph; null if the value of the message is used as it is. */
export type Converted = (field: MessageField, value: string) => string | null;

/** Creates the conversions of single fields of messages. */
export const outputConversion = (enums: readonly ProtoEnum[]): Converted => {
  const unspecified = new Map(enums.map((one) => [one.name, one.unspecified]));
  return ({ type, part, name, property }, value) => {
    if (part.kind === 'oneof') return null;
    const { field } = part;
    if (field.kind === 'map') return `entries(${value})`;
    if (isEmptyMessage(field.type))
      return field.kind === 'list' ? `${value}.map(() => true)` : `${value} !== null && ${value} !== undefined`;
    const named = type.kind === 'list' ? type.item : type;
    const none = named.kind === 'enum' ? (unspecified.get(named.name) ?? null) : null;
    if (none !== null && field.kind === 'list') return `${value}.filter((one) => one !== ${quoted(none)})`;
    if (none !== null) return `${value} === ${quoted(none)} ? null : ${value}`;
    // A member of a oneof is absent unless it is set.
    if (field.oneof !== null) return `${value} ?? null`;
    return name === property ? null : value;
  };
};

const accessed = (of: string, property: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(property) ? `${of}.${property}` : `${of}[${quoted(property)}]`;

const oneofText = (members: readonly OneofMember[]): string => {
  const cases = members.map(
    ({ field, object, valueField }) =>
      `${propertyName(field.name)}: ${valueField === null ? quoted(object ?? '') : `[${quoted(object ?? '')}, ${quoted(valueField)}]`}`,
  );
  return `oneofRow(row, { ${cases.join(', ')} })`;
};

/** The expression of a field with a resolver, read from `row`; null for a field without one. */
const resolved = (field: MessageField, convert: Converted): string | null =>
  field.part.kind === 'oneof' ? oneofText(field.part.members) : convert(field, accessed('row', field.property));

/** Names in the file of the fields that the resolver of a field reads. */
const readNames = ({ part }: MessageField): string[] =>
  part.kind === 'oneof' ? part.members.map(({ field }) => field.writtenName) : [part.field.writtenName];

const snakeCase = (name: string): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

/** Resolvers of types, and the paths of field masks. */
export interface OutputText {
  /** Members of the object of resolvers. */
  readonly members: readonly string[];
  /** Entries of the option `paths` of fieldMask, by the type that has the fields. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
}

/** Writes the resolvers of the types that differ from their messages. */
export const outputText = (
  objects: readonly MessageObject[],
  { enums }: Pick<ImportedService, 'enums'>,
): OutputText => {
  const convert = outputConversion(enums);
  const paths = new Map<string, readonly string[]>();
  const members = objects.flatMap((object): string[] => {
    if (object.side === 'input') return [];
    const fields = object.fields.flatMap((field) => {
      const text = resolved(field, convert);
      return text === null ? [] : [`    ${field.name}: (row: Rows['${object.name}']) => ${text},`];
    });
    const own = object.fields.flatMap((field) => {
      const read = readNames(field);
      if (object.message === null) return [];
      if (resolved(field, convert) !== null)
        return [`'${object.name}.${field.name}': [${read.map(quoted).join(', ')}]`];
      return read[0] === snakeCase(field.name) ? [] : [`'${object.name}.${field.name}': ${quoted(read[0] ?? '')}`];
    });
    if (own.length > 0) paths.set(object.name, own);
    return fields.length === 0 ? [] : [`  ${object.name}: {\n${fields.join('\n')}\n  },`];
  });
  return { members, paths };
};
