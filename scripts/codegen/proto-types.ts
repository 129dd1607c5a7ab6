import protobuf from 'protobufjs';
import { interfaceOf, type Member, typeAlias } from './layout.ts';
import type { Names } from './names.ts';
import type { ProtoService } from './proto.ts';
import { type Declared, keyOf, protoNames } from './proto-names.ts';
import { listOf, orNull } from './sdl-types.ts';

type Side = Declared['side'];

/** How messages of a module's .proto files are written in its generated file. */
export interface ProtoTypes {
  /** As an answer has it: every field is there, but for those of a oneof. */
  read(type: protobuf.Type): string;
  /** As a request takes it: no field needs to be there, but for those that proto2 calls required. */
  written(type: protobuf.Type): string;
  /** Every message and enum that requests and answers are made of. */
  readonly declarations: readonly string[];
}

const SCALARS: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bytes: 'Uint8Array',
  double: 'number',
  fixed32: 'number',
  float: 'number',
  int32: 'number',
  sfixed32: 'number',
  sint32: 'number',
  string: 'string',
  uint32: 'number',
};

// What is left are the 64-bit integers, for which a number has too few digits.
const scalar = (type: string, side: Side): string =>
  SCALARS[type] ?? (side === 'read' ? 'string' : 'string | number | bigint');

const isOneofMember = ({ partOf }: protobuf.Field): boolean => partOf !== null && !partOf.isProto3Optional;

/** Whether null stands for a field that did not come, rather than its default. */
const isNullable = (field: protobuf.Field): boolean =>
  !field.repeated &&
  !field.map &&
  !field.required &&
  (field.hasPresence || field.resolvedType instanceof protobuf.Type);

/** What requests and answers are made of, each once, in the order in which services mention it. */
const reachable = (services: readonly ProtoService[]): Declared[] => {
  const found = new Map<string, Declared>();
  const visit = (type: protobuf.Type | protobuf.Enum | null, side: Side): void => {
    if (type === null || found.has(keyOf({ type, side }))) return;
    found.set(keyOf({ type, side }), { type, side });
    if (type instanceof protobuf.Type) for (const field of type.fieldsArray) visit(field.resolvedType, side);
  };
  for (const { request, response } of services.flatMap(({ methods }) => methods)) {
    visit(request, 'written');
    visit(response, 'read');
  }
  return [...found.values()];
};

type NameOf = (type: protobuf.Type | protobuf.Enum, side: Side) => string;

const single = ({ type, resolvedType }: protobuf.Field, side: Side, nameOf: NameOf): string => {
  if (resolvedType === null) return scalar(type, side);
  const name = nameOf(resolvedType, side);
  // A number is a value that this version of the file does not know.
  return resolvedType instanceof protobuf.Enum ? `${name} | number` : name;
};

const member = (field: protobuf.Field, side: Side, nameOf: NameOf): Member => {
  const { name, comment: doc } = field;
  const type = single(field, side, nameOf);
  // Of a oneof, an answer has only the member that came.
  const optional = side === 'written' ? !field.required : isOneofMember(field);
  if (field.map) return { name, optional, type: `{ readonly [key: string]: ${type} }`, doc };
  if (field.repeated) return { name, optional, type: listOf(type), doc };
  const nullable = isNullable(field) && (side === 'written' || !isOneofMember(field));
  return { name, optional, type: nullable ? orNull(type) : type, doc };
};

const declaration = ({ type, side }: Declared, nameOf: NameOf): string => {
  const name = nameOf(type, side);
  if (type instanceof protobuf.Enum) {
    const values = Object.keys(type.values).map((value) => `'${value}'`);
    return typeAlias(name, values.join(' | '), type.comment);
  }
  const fields = type.fieldsArray.map((field) => member(field, side, nameOf));
  return interfaceOf(name, fields, type.comment);
};

export const createProtoTypes = (services: readonly ProtoService[], names: Names): ProtoTypes => {
  const all = reachable(services);
  const given = protoNames(all, names);
  const nameOf: NameOf = (type, side) => given.get(keyOf({ type, side })) ?? type.name;
  return {
    read: (type) => nameOf(type, 'read'),
    written: (type) => nameOf(type, 'written'),
    declarations: all.map((declared) => declaration(declared, nameOf)),
  };
};
