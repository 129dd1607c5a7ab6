/* What the importer of GraphQL services reads from a schema, and what its writers write. */

import type { GraphQLField, GraphQLSchema } from 'graphql';

/** A root field that the service provides. */
export interface SchemaRootField {
  readonly root: 'Query' | 'Mutation';
  /** Name in the module. */
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/** A loader of rows by one key. */
export interface SchemaLoader {
  readonly name: string;
  /** Type of the rows in the service. */
  readonly type: string;
  /** Field of the row with the key. */
  readonly key: string;
  /** Root field with an argument; null for `_entities`. */
  readonly by: { readonly field: string; readonly argument: string; readonly isList: boolean } | null;
}

export interface ImportedSchema {
  readonly name: string;
  readonly title: string;
  readonly schema: GraphQLSchema;
  /** Base URL of the service, without its path; null for a file. */
  readonly origin: string | null;
  /** Path of the service. */
  readonly path: string;
  readonly fields: readonly SchemaRootField[];
  readonly loaders: readonly SchemaLoader[];
  /** Names of types in the module, by their names in the service. */
  readonly names: ReadonlyMap<string, string>;
  /** Types in the service that join a type of another module by the key of their loader. */
  readonly joined: ReadonlySet<string>;
  /** Name in the module of a field of a type, by their names in the service. */
  fieldName(type: string, field: string): string;
  /** Names of headers of the import, of which the module needs values of its own. */
  readonly headers: readonly string[];
  /** Names that were taken, by the names of the types in their place. */
  readonly avoided: ReadonlyMap<string, string>;
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
}
