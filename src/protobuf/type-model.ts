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

/** The 64-bit integers. Their values are decimal text, because a JavaScript number has too few digits. */
export const LONG: ReadonlySet<ScalarName> = new Set(['fixed64', 'int64', 'sfixed64', 'sint64', 'uint64']);

/** Name and origin of a message or an enum. */
interface Declaration {
  /** Full name, with the package. */
  readonly name: string;
  /** Names of the enclosing messages, outermost first, then the own name. */
  readonly path: readonly string[];
  /** Path of the .proto file on disk; empty for built-in types. */
  readonly file: string;
  readonly doc: string | null;
}

export interface EnumType extends Declaration {
  readonly kind: 'enum';
  /** Numbers by name, aliases included. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Names by number; for aliases the first one. */
  readonly names: Readonly<Record<number, string>>;
  /** First value in the file: the default. */
  readonly first: string;
  /** True in proto3: a number without a name is a value. False in proto2: such a number is an unknown field. */
  readonly isOpen: boolean;
}

/** Well-known types with a form of their own in protobuf's JSON mapping. `wrapper`: `Int32Value` and the like. */
export type WellKnown = 'any' | 'duration' | 'list' | 'mask' | 'struct' | 'timestamp' | 'value' | 'wrapper';

export interface MessageType extends Declaration {
  readonly kind: 'message';
  /** Null for a message that is an object of its fields. */
  readonly wellKnown: WellKnown | null;
  /** Fields in the order of the file, then extensions. */
  readonly fields: readonly FieldType[];
  /** Oneofs with the names of their members, without the synthetic ones of proto3's `optional`. */
  readonly oneofs: readonly { readonly name: string; readonly members: readonly string[] }[];
}

export interface FieldType {
  /** JSON name: `addressLine1` for `address_line_1`, or the declared `json_name`. */
  readonly name: string;
  /** Name as written in the file. */
  readonly writtenName: string;
  readonly number: number;
  readonly kind: 'single' | 'list' | 'map';
  /** Type of the value; for a list of its items, for a map of its values. */
  readonly type: ScalarName | EnumType | MessageType;
  /** Type of a map's keys; null for other fields. */
  readonly key: ScalarName | null;
  /** Name of the field's oneof, or null. */
  readonly oneof: string | null;
  readonly isRequired: boolean;
  /** True if a message without the field differs from one with the field at its default. */
  readonly hasPresence: boolean;
  /** The declared default, proto2's `[default = …]`; null without one. */
  readonly declaredDefault: unknown;
  /** True if a list is written packed. Both forms can be read. */
  readonly isPacked: boolean;
  /** True if the message is written between a start tag and an end tag, as a group is. */
  readonly isGroup: boolean;
  readonly isDeprecated: boolean;
  /** Names of the option `google.api.field_behavior`: `REQUIRED`, `OUTPUT_ONLY`. https://google.aip.dev/203 */
  readonly behavior: readonly string[];
  readonly doc: string | null;
}

export interface MethodType {
  /** Name as written in the file: `BatchGetStock`. */
  readonly name: string;
  readonly request: MessageType;
  readonly response: MessageType;
  readonly clientStreams: boolean;
  readonly serverStreams: boolean;
  /** From `idempotency_level`: `safe` for NO_SIDE_EFFECTS, `idempotent` for IDEMPOTENT. */
  readonly idempotency: 'unknown' | 'safe' | 'idempotent';
  /** HTTP method of the option `google.api.http`, in capitals; null without one. */
  readonly http: string | null;
  readonly isDeprecated: boolean;
  readonly doc: string | null;
}

export interface ServiceType {
  /** Full name, with the package. */
  readonly name: string;
  readonly methods: readonly MethodType[];
  readonly doc: string | null;
}

/** Returns the message with this full name in the loaded .proto files; null for an unknown one. */
export type ResolveType = (name: string) => MessageType | null;

/** Creates a proto3 field of a built-in message. */
export const builtInField = (
  number: number,
  name: string,
  type: FieldType['type'],
  kind: 'single' | 'list' = 'single',
): FieldType => ({
  name,
  writtenName: name,
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
  isDeprecated: false,
  behavior: [],
  doc: null,
});

/** Creates a proto3 message that the gateway itself sends or reads, without a .proto file. */
export const builtInMessage = (name: string, fields: readonly FieldType[]): MessageType => ({
  kind: 'message',
  name,
  path: [name.slice(name.lastIndexOf('.') + 1)],
  file: '',
  doc: null,
  wellKnown: null,
  fields,
  oneofs: [],
});
