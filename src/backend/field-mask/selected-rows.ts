import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import type { SchemaModule } from '../define/module.ts';

/** Fields that are read from rows of one object type of a module. */
export interface SelectedFields {
  /** Name of the type in the module. */
  readonly type: string;
  readonly fields: readonly SelectedField[];
}

/** A field of the module that the client selected, or that a join needs. */
export interface SelectedField {
  readonly name: string;
  readonly isList: boolean;
  readonly below: SelectedRows;
}

/**
 * What is read from the values of a field: nothing below scalars and enums, else the fields of each possible type. The
 * same object for all rows of a plan, so that it identifies the selection.
 */
export type SelectedRows = readonly SelectedFields[];

/** The `info` of a resolver, with the selection below its field. Both engines provide it. */
export interface SelectingInfo extends GraphQLResolveInfo {
  readonly selecting: {
    readonly module: SchemaModule;
    readonly schema: GraphQLSchema;
    readonly rows: () => SelectedRows;
  };
}

export const isSelecting = (info: GraphQLResolveInfo): info is SelectingInfo => 'selecting' in info;
