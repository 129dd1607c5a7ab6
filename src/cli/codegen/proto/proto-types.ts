import type { EnumType, FieldType, MessageType, ScalarName, WellKnown } from '../../../protobuf/type-model.ts';
import { interfaceOf, type PropertyLayout, quoted, typeAlias } from '../layout.ts';
import type { Names } from '../names.ts';
import { arrayOf, orNull } from '../sdl/sdl-types.ts';
import type { ProtoService } from './proto.ts';
import { type Declared, keyOf, protoNames, shortName } from './proto-names.ts';

type Side = Declared['side'];

/** Types of a module's protobuf messages in its generated file. */
export interface ProtoTypes {
  /** Type of an answer or of a value in it: every field is present, except those of a oneof. */
  read(type: FieldType['type']): string;
  /** Type of a request: every field is optional, except required ones of proto2. */
  written(type: MessageType): string;
  /** Names of the declarations of messages in answers, by the messages' own names. A name of several messages has none. */
  readonly answers: ReadonlyMap<string, string>;
  /** Declarations of all messages and enums in requests and answers. */
  readonly declarations: readonly string[];
}

const SCALARS: Readonly<Partial<Record<ScalarName, string>>> = {
  bool: 'boolean',
  double: 'number',
  fixed32: 'number',
  float: 'number',
  int32: 'number',
  sfixed32: 'number',
  sint32: 'number',
  string: 'string',
  uint32: 'number',
};

// The others are 64-bit integers, which exceed the precision of a number.
const scalar = (type: ScalarName, side: Side): string => {
  if (type === 'bytes') return side === 'read' ? 'string' : 'string | Uint8Array';
  return SCALARS[type] ?? (side === 'read' ? 'string' : 'string | number | bigint');
};

/** Type of a well-known message in the form that the gateway gives it. */
const wellKnown = (kind: WellKnown, { fields }: MessageType, side: Side): string => {
  switch (kind) {
    case 'timestamp':
      return side === 'read' ? 'string' : 'string | Date';
    case 'duration':
      return 'string';
    case 'mask':
      return side === 'read' ? 'string' : 'string | { readonly paths: readonly string[] }';
    case 'struct':
      return '{ readonly [key: string]: unknown }';
    case 'list':
      return 'readonly unknown[]';
    case 'value':
      return 'unknown';
    case 'any':
      return "{ readonly '@type': string; readonly [key: string]: unknown }";
    case 'wrapper': {
      const [value] = fields;
      return typeof value?.type === 'string' ? scalar(value.type, side) : 'unknown';
    }
  }
};

/** True if an absent field of an answer is null: one that tracks presence, without a declared default. */
const isNullable = ({ hasPresence, isRequired, declaredDefault, oneof }: FieldType): boolean =>
  hasPresence && !isRequired && oneof === null && declaredDefault === null;

/** All types in requests and answers, each once, in the order of the services. */
const reachable = (services: readonly ProtoService[]): Declared[] => {
  const found = new Map<string, Declared>();
  const visit = (type: FieldType['type'], side: Side): void => {
    if (
      typeof type === 'string' ||
      (type.kind === 'message' && type.wellKnown !== null) ||
      found.has(keyOf({ type, side }))
    )
      return;
    found.set(keyOf({ type, side }), { type, side });
    if (type.kind === 'message') for (const field of type.fields) visit(field.type, side);
  };
  for (const { request, response } of services.flatMap(({ methods }) => methods)) {
    visit(request, 'written');
    visit(response, 'read');
  }
  return [...found.values()];
};

type NameOf = (type: MessageType | EnumType, side: Side) => string;

const single = (type: FieldType['type'], side: Side, nameOf: NameOf): string => {
  if (typeof type === 'string') return scalar(type, side);
  if (type.kind === 'message' && type.wellKnown !== null) return wellKnown(type.wellKnown, type, side);
  const name = nameOf(type, side);
  // A number is a value that this version of the file does not declare.
  return type.kind === 'enum' && type.isOpen ? `${name} | number` : name;
};

const member = (field: FieldType, side: Side, nameOf: NameOf): PropertyLayout => {
  const { name, doc, kind } = field;
  const type = single(field.type, side, nameOf);
  const whole = kind === 'map' ? `{ readonly [key: string]: ${type} }` : kind === 'list' ? arrayOf(type) : type;
  if (side === 'written' && !field.isRequired) {
    // Null and undefined both mean absent, so that an optional argument is passed as it is.
    return { name, optional: true, type: whole === 'unknown' ? whole : `${orNull(whole)} | undefined`, doc };
  }
  // An answer contains only the member of a oneof that was set.
  const optional = side === 'read' && field.oneof !== null;
  return { name, optional, type: isNullable(field) ? orNull(whole) : whole, doc };
};

const declaration = ({ type, side }: Declared, nameOf: NameOf): string => {
  const name = nameOf(type, side);
  if (type.kind === 'enum') return typeAlias(name, Object.keys(type.numbers).map(quoted).join(' | '), type.doc);
  const fields = type.fields.map((field) => member(field, side, nameOf));
  return interfaceOf(name, fields, type.doc);
};

export const createProtoTypes = (services: readonly ProtoService[], names: Names): ProtoTypes => {
  const all = reachable(services);
  const given = protoNames(all, names);
  const nameOf: NameOf = (type, side) => given.get(keyOf({ type, side })) ?? type.name;
  return {
    read: (type) => single(type, 'read', nameOf),
    written: (type) => single(type, 'written', nameOf),
    answers: new Map(
      [
        ...Map.groupBy(
          all.filter(({ type, side }) => type.kind === 'message' && side === 'read'),
          shortName,
        ),
      ]
        .filter(([, declared]) => declared.length === 1)
        .flatMap(([short, declared]) => declared.map(({ type, side }) => [short, nameOf(type, side)])),
    ),
    declarations: all.map((declared) => declaration(declared, nameOf)),
  };
};
