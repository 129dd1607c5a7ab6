/* What an importer reads from a contract, and what the writers write to a module's folder. */

/** Scalars that imported fields have. */
export type ImportedScalar = 'BigInt' | 'Boolean' | 'Date' | 'DateTime' | 'Float' | 'ID' | 'Int' | 'JSON' | 'String';

export interface ScalarType {
  readonly kind: 'scalar';
  readonly name: ImportedScalar;
  /** JSON type of the backend's value; `reference`: an id, or an object with an id. */
  readonly raw: 'text' | 'number' | 'boolean' | 'mixed' | 'reference' | 'any';
  /** The reason for JSON instead of a type. */
  readonly reason?: string;
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
}

export type Definition = ObjectDefinition | EnumDefinition | UnionDefinition | InputDefinition;

export interface ImportedArgument {
  readonly name: string;
  /** Name of the parameter in the contract. */
  readonly parameter: string;
  readonly place: 'path' | 'query' | 'header';
  readonly type: ImportedType;
  readonly isRequired: boolean;
  /** In SDL. */
  readonly defaultValue: string | null;
  readonly description: string | null;
  /** Notation of lists and objects, if it is not the default. */
  readonly style: 'comma' | 'deep' | null;
}

export interface ImportedBody {
  readonly option: 'body' | 'form' | 'multipart';
  readonly type: ImportedType;
  readonly isRequired: boolean;
  /** `content-type`, if it is not the default of the option. */
  readonly contentType: string | null;
}

/** How a list is split into pages: names of parameters, and paths of properties in the response. */
export interface ImportedPages {
  readonly style: 'offset' | 'page' | 'cursor' | 'token' | 'link';
  readonly limit: string | null;
  /** Parameter of the offset, page number, token or last row. */
  readonly position: string;
  readonly firstPage: 0 | 1;
  readonly size: number | null;
  readonly maxSize: number | null;
  /** Path of the rows; empty if the response is the list. */
  readonly rows: readonly string[];
  readonly next: readonly string[] | null;
  readonly total: readonly string[] | null;
  readonly hasMore: readonly string[] | null;
  /** Field of a row: the next page begins after its value; style `cursor` only. */
  readonly cursor: string | null;
  readonly item: ImportedType;
  readonly connection: string;
}

export interface ImportedResult {
  /** Null: no content. */
  readonly type: ImportedType | null;
  readonly as: 'json' | 'text' | 'none';
}

/** A root field: one operation of the contract. */
export interface RootField {
  readonly root: 'Query' | 'Mutation';
  readonly name: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly operation: string;
  readonly description: string | null;
  readonly deprecated: boolean;
  readonly args: readonly ImportedArgument[];
  readonly body: ImportedBody | null;
  readonly result: ImportedResult;
  readonly pages: ImportedPages | null;
  /** Comments for the module author. */
  readonly notes: readonly string[];
}

/** A loader of rows by one key. */
export interface ImportedLoader {
  readonly name: string;
  readonly kind: 'each' | 'batch';
  readonly path: string;
  /** Path parameter with the key, or query parameter with the keys. */
  readonly parameter: string;
  /** Notation of the keys in a query. */
  readonly style: 'comma' | null;
  /** Type of the rows. */
  readonly type: string;
  /** Field of the row with the key; null if the row does not have it. */
  readonly key: string | null;
  /** Type of the response: the row, or for `batch` the list. */
  readonly response: ImportedType;
  /** For `batch`: the pages of the list, if it has any. */
  readonly pages: ImportedPages | null;
  /** The root field that loads one row; null if it has further arguments. */
  readonly field: string | null;
}

export interface ImportedModule {
  readonly name: string;
  readonly title: string;
  /** Base URLs of the contract. */
  readonly servers: readonly string[];
  readonly definitions: readonly Definition[];
  readonly fields: readonly RootField[];
  readonly loaders: readonly ImportedLoader[];
  /** Options for the credentials of the contract. */
  readonly security: readonly string[];
  /** Preset of `errorFormats` for the contract's error responses; null for none. */
  readonly errorFormat: string | null;
  /** Operations that are not imported, each with the reason. */
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
}
