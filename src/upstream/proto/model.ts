/** Scalar types by their names in .proto files. */
export type ScalarName =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'fixed32'
  | 'fixed64'
  | 'float'
  | 'int32'
  | 'int64'
  | 'sfixed32'
  | 'sfixed64'
  | 'sint32'
  | 'sint64'
  | 'string'
  | 'uint32'
  | 'uint64';

/** The 64-bit integers: decimal text, because a number has too few digits. */
export const LONG: ReadonlySet<ScalarName> = new Set(['fixed64', 'int64', 'sfixed64', 'sint64', 'uint64']);

/** Name and origin of a message or an enum. */
interface Declaration {
  /** Full name, with the package. */
  readonly name: string;
  /** The name with those of the messages around it, outermost first. */
  readonly path: readonly string[];
  /** Path of the .proto file on disk; empty for types that are built in. */
  readonly file: string;
  readonly doc: string | null;
}

export interface EnumType extends Declaration {
  readonly kind: 'enum';
  /** Numbers by name, aliases included. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Names by number; of aliases the first. */
  readonly names: Readonly<Record<number, string>>;
  /** The value that comes first in the file: the default. */
  readonly first: string;
  /** True in proto3: a number without a name is a value. In proto2 it is an unknown field. */
  readonly isOpen: boolean;
}

export interface MessageType extends Declaration {
  readonly kind: 'message';
  /** The fields in the order of the file; extensions come last. */
  readonly fields: readonly FieldType[];
  /** Oneofs with the names of their members. The ones that stand for proto3's `optional` are not listed. */
  readonly oneofs: readonly { readonly name: string; readonly members: readonly string[] }[];
}

export interface FieldType {
  /** Name in JSON, by protobuf's rule: `addressLine1` for `address_line_1`, or its `json_name`. */
  readonly name: string;
  readonly number: number;
  readonly kind: 'single' | 'list' | 'map';
  /** The type of a value: of an item of a list, of a value of a map. */
  readonly type: ScalarName | EnumType | MessageType;
  /** The type of the keys of a map; null for anything else. */
  readonly key: ScalarName | null;
  /** Name of the oneof that the field is a member of, or null. */
  readonly oneof: string | null;
  readonly isRequired: boolean;
  /** True if a message without the field differs from one with the field at its default. */
  readonly hasPresence: boolean;
  /** The default that the file declares, by proto2's `[default = …]`; null where it declares none. */
  readonly declaredDefault: unknown;
  /** True if a list is written packed. Both forms are read. */
  readonly isPacked: boolean;
  /** True if the message is written between a start tag and an end tag, as groups are. */
  readonly isGroup: boolean;
  readonly doc: string | null;
}

export interface MethodType {
  /** The name that the file spells: `BatchGetStock`. */
  readonly name: string;
  readonly request: MessageType;
  readonly response: MessageType;
  readonly clientStreams: boolean;
  readonly serverStreams: boolean;
  /** `idempotency_level`: `safe` for NO_SIDE_EFFECTS. */
  readonly idempotency: 'unknown' | 'safe' | 'idempotent';
  readonly doc: string | null;
}

export interface ServiceType {
  /** Full name, with the package. */
  readonly name: string;
  readonly methods: readonly MethodType[];
  readonly doc: string | null;
}

/** A proto3 field of a message that is built in. */
export const builtInField = (
  number: number,
  name: string,
  type: FieldType['type'],
  kind: 'single' | 'list' = 'single',
): FieldType => ({
  name,
  number,
  kind,
  type,
  key: null,
  oneof: null,
  isRequired: false,
  hasPresence: kind === 'single' && typeof type === 'object' && type.kind === 'message',
  declaredDefault: null,
  isPacked: false,
  isGroup: false,
  doc: null,
});

/** A proto3 message that the gateway itself sends or reads: no .proto file is read for it. */
export const builtInMessage = (name: string, fields: readonly FieldType[]): MessageType => ({
  kind: 'message',
  name,
  path: [name.slice(name.lastIndexOf('.') + 1)],
  file: '',
  doc: null,
  fields,
  oneofs: [],
});
