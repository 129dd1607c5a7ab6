import type { Definition, ImportedType } from '../../imported-graph.ts';
import type { NamePool } from '../../names/names.ts';
import type { Contract } from '../document/contract.ts';
import type { FlatSchema } from './flat-schema.ts';
import type { Side } from './scalar-types.ts';

/** Position of a schema: how its type is named, and the property that has the value. */
export interface SchemaPlace {
  readonly side: Side;
  /** Name of the type, if the schema has none. */
  readonly hint: string;
  readonly property: string;
  /** Properties of a multipart body with the content of a file. Default: none. */
  readonly files?: { has(property: string): boolean };
}

/** Type of a schema, with what the field needs to know of it. */
export interface ReadType {
  readonly type: ImportedType;
  readonly schema: FlatSchema;
}

/** Converts schemas to types, and collects their definitions. */
export interface TypeReader {
  readonly contract: Contract;
  readonly definitions: readonly Definition[];
  read(schema: unknown, place: SchemaPlace): ReadType;
  /** The type of a flat schema. */
  typeOf(schema: FlatSchema, place: SchemaPlace): ImportedType;
  /** The object type of a flat schema with properties. */
  objectOf(schema: FlatSchema, place: SchemaPlace): ImportedType;
  /** Adds a definition, which `create` makes of its name; a named schema once for each side. A new one is empty. */
  define(
    schema: FlatSchema,
    place: SchemaPlace,
    create: (name: string) => Definition,
  ): { readonly definition: Definition; readonly isNew: boolean };
  /** Gives up a definition without fields: all its properties are on the other side of a call. */
  discard(definition: Definition): ImportedType;
  /** A type with the name of a connection or another type of the importer. */
  add(definition: Definition): void;
  readonly names: NamePool;
}
