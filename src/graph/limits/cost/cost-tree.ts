import type { ArgumentCost } from './argument-cost.ts';

/** Largest cost. A cost above it counts as this one. */
export const LARGEST_COST = Number.MAX_SAFE_INTEGER;

/** The cost of an object of one type with the fields that are selected of it. */
export interface ObjectCost {
  readonly is: 'object';
  /** Position of its static cost among those of the tree. */
  readonly index: number;
  readonly type: string;
  readonly weight: number;
  /** By response key, without `__typename`. */
  readonly fields: ReadonlyMap<string, FieldCost>;
  /** The fields that can cost anything, with their response keys: most leaves cost nothing. */
  readonly costly: readonly CostlyField[];
  /** Every response key. */
  readonly keys: ReadonlySet<string>;
  /** Response keys of `__typename`. */
  readonly typeNames: readonly string[];
}

export interface CostlyField {
  readonly key: string;
  readonly field: FieldCost;
}

/** The cost of a field: of its execution, and of each item that it returns. */
export interface FieldCost {
  readonly is: 'field';
  readonly index: number;
  /** Position of its arguments among those of the tree. */
  readonly call: number;
  /** Position of the arguments with the size of the list; null for the default size, undefined for no list. */
  readonly sizedBy: number | null | undefined;
  /** Number of levels of lists. */
  readonly levels: number;
  readonly item: ItemCost;
}

/** The cost of one item: a leaf with its weight, or an object of one of the possible types. */
export type ItemCost = { readonly is: 'leaf'; readonly weight: number } | PossibleObjects;

export interface PossibleObjects {
  readonly is: 'objects';
  readonly possible: readonly ObjectCost[];
}

/** The costs of an operation, for one outcome of its conditions. It is a graph: equal selections share an object. */
export interface CostTree {
  readonly root: ObjectCost;
  /** Each after those below it. */
  readonly nodes: readonly (ObjectCost | FieldCost)[];
  readonly calls: readonly ArgumentCost[];
}

/** A tree with the values of one request. */
export interface CostValues {
  readonly tree: CostTree;
  /** Static costs by the index of objects and fields. */
  readonly costs: Float64Array;
  /** Costs of one execution of a field, by its position. */
  readonly calls: Float64Array;
  /** Static cost of the operation. */
  readonly total: number;
  /** The field that makes the cost unbounded, with what it requires; null for none. */
  readonly unbounded: string | null;
}
