import { clone } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import { isBuiltInImport } from '../../../../protobuf/find-proto.ts';

const WRAPPERS =
  'DoubleValue FloatValue Int64Value UInt64Value Int32Value UInt32Value BoolValue StringValue BytesValue';
const OPTIONS = ['File', 'Message', 'Field', 'Oneof', 'Enum', 'EnumValue', 'Service', 'Method'].map(
  (name) => `${name}Options`,
);

/** Files of google/protobuf by the types that they declare. */
const COMMON: ReadonlyMap<string, string> = new Map(
  Object.entries({
    any: ['Any'],
    descriptor: OPTIONS,
    duration: ['Duration'],
    empty: ['Empty'],
    field_mask: ['FieldMask'],
    struct: ['Struct', 'Value', 'ListValue', 'NullValue'],
    timestamp: ['Timestamp'],
    wrappers: WRAPPERS.split(' '),
  }).flatMap(([file, types]) =>
    types.map((type) => [`google.protobuf.${type}`, `google/protobuf/${file}.proto`] as const),
  ),
);

type Files = ReadonlyMap<string, FileDescriptorProto>;

const prefixOf = ({ package: name }: FileDescriptorProto): string => (name === '' ? '' : `${name}.`);

const declaredIn = (file: FileDescriptorProto): string[] => {
  const inMessage = (message: DescriptorProto, prefix: string): string[] => {
    const name = `${prefix}${message.name}`;
    return [
      name,
      ...message.nestedType.flatMap((one) => inMessage(one, `${name}.`)),
      ...message.enumType.map((one) => `${name}.${one.name}`),
    ];
  };
  const prefix = prefixOf(file);
  return [
    ...file.messageType.flatMap((one) => inMessage(one, prefix)),
    ...file.enumType.map((one) => prefix + one.name),
  ];
};

/** The most likely full name of a type that no known file declares: a relative name is often one of its package. */
const fullName = (name: string, file: FileDescriptorProto): string =>
  name.includes('.') ? name.replace(/^\./, '') : prefixOf(file) + name;

interface Reference {
  readonly name: string;
  /** Full name of the message or service that has it. */
  readonly scope: string;
}

const referredIn = (file: FileDescriptorProto): Reference[] => {
  const ofFields = (fields: readonly FieldDescriptorProto[], scope: string): Reference[] =>
    fields.flatMap(({ typeName, extendee }) => [typeName, extendee].map((name) => ({ name, scope })));
  const ofMessage = (message: DescriptorProto, prefix: string): Reference[] => {
    const scope = `${prefix}${message.name}`;
    return [
      ...ofFields(message.field, scope),
      ...ofFields(message.extension, scope),
      ...message.nestedType.flatMap((one) => ofMessage(one, `${scope}.`)),
    ];
  };
  const prefix = prefixOf(file);
  return [
    ...file.messageType.flatMap((one) => ofMessage(one, prefix)),
    ...ofFields(file.extension, file.package),
    ...file.service.flatMap(({ name: service, method }) =>
      method.flatMap(({ inputType, outputType }) =>
        [inputType, outputType].map((name) => ({ name, scope: prefix + service })),
      ),
    ),
  ].filter(({ name }) => name !== '');
};

/** Full names that a reference may have: one with a dot at its start is full, another is searched from its scope outward. */
const candidates = ({ name, scope }: Reference): string[] => {
  if (name.startsWith('.')) return [name.slice(1)];
  const parts = scope === '' ? [] : scope.split('.');
  return [...parts.map((_, at) => `${parts.slice(0, parts.length - at).join('.')}.${name}`), name];
};

/** Files with the imports that their types need, and the types that no file declares. */
export interface CompletedFiles {
  readonly files: Files;
  readonly missing: readonly string[];
}

/**
 * Adds imports of the types that files refer to. Some servers, such as those of grpc-node, send descriptors without
 * imports, and the types of google/protobuf in a file of another name, which is left out.
 */
export const withImports = (all: Files): CompletedFiles => {
  const own = [...all.values()].filter(({ name, package: of }) => of !== 'google.protobuf' || isBuiltInImport(name));
  const names = new Set(own.map(({ name }) => name));
  const owners = new Map(own.flatMap((file) => declaredIn(file).map((type) => [type, file.name] as const)));
  const missing = new Set<string>();
  const files = own.map((file) => {
    const completed = clone(FileDescriptorProtoSchema, file);
    // Indexes of public and weak imports stay valid while the list only grows.
    const isWhole = file.dependency.every((name) => names.has(name) || isBuiltInImport(name));
    const dependency = new Set(isWhole ? file.dependency : file.dependency.filter((name) => names.has(name)));
    for (const reference of referredIn(file)) {
      const types = candidates(reference);
      const type = types.find((one) => COMMON.has(one) || owners.has(one));
      const owner = type === undefined ? undefined : (COMMON.get(type) ?? owners.get(type));
      if (owner === undefined) missing.add(fullName(reference.name, file));
      else if (owner !== file.name) dependency.add(owner);
    }
    completed.dependency = [...dependency];
    return completed;
  });
  return { files: new Map(files.map((file) => [file.name, file])), missing: [...missing] };
};
