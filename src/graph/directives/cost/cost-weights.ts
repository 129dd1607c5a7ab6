import { coordinate } from '../authorization/requirement.ts';
import type { ModuleDocument } from '../type-parts.ts';
import { costUses, type ListSize, listSizeUses } from './cost-uses.ts';

/** Weights and sizes of lists of all modules. Elements without an entry have the default of the specification. */
export interface CostWeights {
  /** By coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
  readonly weights: ReadonlyMap<string, number>;
  /** By `Type.field`. */
  readonly listSizes: ReadonlyMap<string, ListSize>;
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number of a weight; null for a text that is not a number, and for an infinite one. */
export const weightOf = (weight: unknown): number | null => {
  if (typeof weight !== 'string' || !NUMBER.test(weight.trim())) return null;
  const number = Number(weight);
  return Number.isFinite(number) ? number : null;
};

/** Reads every `@cost` and `@listSize`. Modules agree on them, or the gateway does not start. */
export const costWeightsOf = (documents: readonly ModuleDocument[]): CostWeights => ({
  weights: new Map(costUses(documents).map(({ at, weight }) => [at, weightOf(weight) ?? 0])),
  listSizes: new Map(
    listSizeUses(documents).map(({ type, field, size }) => [coordinate(type, field.name.value), size]),
  ),
});
