import type { FieldNode, GraphQLField } from 'graphql';

/** Fields requested of rows of one object type of a module. */
export interface RequestedFields {
  /** Name of the type in the module. */
  readonly type: string;
  readonly fields: readonly RequestedField[];
}

/** One field of a row, as requested at one place of an operation. */
export interface RequestedField {
  /** Name in the module. */
  readonly name: string;
  /** Property of the row in which the value is read. */
  readonly property: string;
  readonly definition: GraphQLField<unknown, unknown>;
  /** The field in the client's document; undefined for a field that only a join or a loader reads. */
  readonly node: FieldNode | undefined;
  readonly below: RequestedRows;
  /** The field that may be refused before the call, and is then left out; null for a field that is always requested. */
  readonly source: object | null;
}

/**
 * Fields requested of the values of a field: none for scalars and enums, those of one type, or those of each possible
 * type of an interface or union.
 */
export type RequestedRows =
  | { readonly are: 'leaves' }
  | { readonly are: 'objects'; readonly requested: RequestedFields }
  | { readonly are: 'abstract'; readonly requested: readonly RequestedFields[] };

export const LEAVES: RequestedRows = { are: 'leaves' };
