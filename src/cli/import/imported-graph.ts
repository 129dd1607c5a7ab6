/* The graph that an importer makes of a contract. */

/** Scalars that imported fields have. */
export type ImportedScalar =
  | 'Base64'
  | 'BigInt'
  | 'Boolean'
  | 'Date'
  | 'DateTime'
  | 'Float'
  | 'ID'
  | 'Int'
  | 'JSON'
  | 'String';

export interface ScalarType {
  readonly kind: 'scalar';
  readonly name: ImportedScalar;
  /** JSON type of the backend's value; `reference`: an id, or an object with an id. */
  readonly raw: 'text' | 'number' | 'boolean' | 'mixed' | 'reference' | 'any';
  /** The reason for JSON instead of a type. */
  readonly reason?: string;
  /** True if JSON is the type of the contract: it allows any value. Default false. */
  readonly isByContract?: boolean;
  /** A value of the contract's examples. */
  readonly example?: unknown;
}

/** Type of a value. Definitions are referred to by their names. */
export type ImportedType =
  | ScalarType
  | { readonly kind: 'object' | 'enum' | 'union'; readonly name: string }
  /** `single`: the backend may send or accept one item in place of the list. */
  | { readonly kind: 'list'; readonly item: ImportedType; readonly isItemNullable: boolean; readonly single?: boolean }
  /** An object with any keys, as a list of entries of the type `name`. */
  | { readonly kind: 'map'; readonly name: string; readonly value: ImportedType };

export interface ImportedField {
  readonly name: string;
  /** Name in the contract. */
  readonly property: string;
  readonly type: ImportedType;
  /** Set to true for the key of a loader: a row that is found has one. */
  isRequired: boolean;
  readonly description: string | null;
  readonly deprecated: boolean;
}

export interface ObjectDefinition {
  readonly kind: 'object';
  readonly name: string;
  readonly description: string | null;
  readonly fields: ImportedField[];
  /** True for a type that the contract does not have, such as a connection. Default false. */
  readonly isMade?: boolean;
}

export interface EnumDefinition {
  readonly kind: 'enum';
  readonly name: string;
  readonly description: string | null;
  readonly values: readonly { readonly name: string; readonly value: string }[];
}

/** A member of a union, recognised by a property: by its values, or by its presence (null). */
export interface UnionMember {
  readonly name: string;
  /** Null: every object that no other member matches. */
  readonly property: string | null;
  readonly values: readonly string[] | null;
}

export interface UnionDefinition {
  readonly kind: 'union';
  readonly name: string;
  readonly description: string | null;
  readonly members: UnionMember[];
}

/** An input object; with `isOneOf` exactly one of its fields is set, and its value is sent in place of the object. */
export interface InputDefinition extends Omit<ObjectDefinition, 'kind'> {
  readonly kind: 'input';
  readonly isOneOf: boolean;
  /** True for the file of a multipart body: content, name and media type. Default false. */
  readonly isFile?: boolean;
}

export type Definition = ObjectDefinition | EnumDefinition | UnionDefinition | InputDefinition;

export interface GraphArgument {
  readonly name: string;
  readonly type: ImportedType;
  readonly isRequired: boolean;
  /** In SDL. */
  readonly defaultValue: string | null;
  readonly description: string | null;
}

/** A root field: one operation of the contract. */
export interface GraphField {
  readonly root: 'Query' | 'Mutation';
  readonly name: string;
  readonly description: string | null;
  readonly deprecated: boolean;
  readonly args: readonly GraphArgument[];
  /** The argument `input`; null for none. */
  readonly body: { readonly type: ImportedType; readonly isRequired: boolean } | null;
  /** Null as the type: no content. */
  readonly result: { readonly type: ImportedType | null };
  readonly pages: { readonly connection: string } | null;
}

/** What the SDL of a module is written of. */
export interface ImportedGraph {
  readonly definitions: readonly Definition[];
  readonly fields: readonly GraphField[];
  /** Types of the rows of loaders, each with the field of its key; null if the row does not have it. */
  readonly loaders: readonly { readonly type: string; readonly key: string | null }[];
  /** Names that were taken, by the names of the types in their place. */
  readonly avoided: ReadonlyMap<string, string>;
}
