import type { ExecutionResult } from 'graphql';
import type { ErrorCode } from '../../../core/errors.ts';
import {
  type CostValues,
  type FieldCost,
  type ItemCost,
  LARGEST_COST,
  type ObjectCost,
  type PossibleObjects,
} from './cost-tree.ts';
import type { OperationCost } from './static-costs.ts';

type Container = Readonly<Record<string | number, unknown>>;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** The nulls that stand for values which were executed: an error below them moved up to them. */
type LostValues = ReadonlyMap<object, ReadonlySet<string | number>>;

const lostValues = ({ data, errors = [] }: ExecutionResult): LostValues => {
  const lost = new Map<object, Set<string | number>>();
  for (const { path = [] } of errors) {
    let at: unknown = data;
    for (const [depth, key] of path.entries()) {
      if (!isContainer(at)) break;
      const value = at[key];
      if ((value === null || value === undefined) && depth < path.length - 1) {
        lost.set(at, (lost.get(at) ?? new Set()).add(key));
        break;
      }
      at = value;
    }
  }
  return lost;
};

/** True if the places of some errors are not known. */
const hasUnlistedErrors = ({ errors = [] }: ExecutionResult): boolean =>
  errors.at(-1)?.extensions.code === ('ERROR_LIMIT' satisfies ErrorCode);

const areKeys = (own: readonly string[], keys: ReadonlySet<string>): boolean =>
  own.length === keys.size && own.every((key) => keys.has(key));

/** True if a row may be of a type: another type may have the same keys, and a field of it that is named as `__typename` here. */
const mayBe = ({ type, typeNames, keys }: ObjectCost, row: Container, own: readonly string[]): boolean =>
  typeNames.every((key) => row[key] === type) && areKeys(own, keys);

/**
 * Maximum number of possible types that the rows of one response are compared with. Their number may be the product of
 * rows and types.
 */
const MAX_COMPARED = 100_000;

/** Possible types of a row. */
interface Candidates {
  /** One of each set of types of which every row costs the same. */
  readonly different: readonly ObjectCost[];
  /** Largest static cost of all of them. */
  readonly most: number;
}

/** Adds up the cost of a response. */
class ResponseCost {
  readonly #values: CostValues;
  readonly #lost: LostValues;
  readonly #candidates = new Map<PossibleObjects, Candidates>();
  readonly #ids = new Map<PossibleObjects, number>();
  #left: number;
  /** Costs of rows of an uncertain type, by the possible types. */
  readonly #uncertain = new Map<Container, Map<ObjectCost, number>>();

  constructor(values: CostValues, lost: LostValues, maxCompared: number) {
    this.#values = values;
    this.#lost = lost;
    this.#left = maxCompared;
  }

  object({ weight, costly }: ObjectCost, row: Container): number {
    let cost = weight;
    for (const { key, field } of costly) cost += this.#field(field, row, key);
    return cost;
  }

  #field(field: FieldCost, row: Container, key: string): number {
    const call = this.#values.calls[field.call] ?? 0;
    const value = row[key];
    if (!isContainer(value) && this.#lost.get(row)?.has(key)) return this.#values.costs[field.index] ?? 0;
    return call + this.#items(field.item, value, field.levels);
  }

  /** Cost of a value with a number of levels of lists. */
  #items(item: ItemCost, value: unknown, levels: number): number {
    if (value === null || value === undefined) return 0;
    // The value of a custom scalar may be a list or an object.
    if (levels > 0 && Array.isArray(value)) return this.#list(item, value, levels - 1);
    if (item.is === 'leaf') return item.weight;
    return isContainer(value) ? this.#row(item, value) : 0;
  }

  #list(item: ItemCost, list: readonly unknown[], levels: number): number {
    // Leaves without a weight are most lists of leaves.
    if (item.is === 'leaf' && item.weight === 0) return 0;
    const lost = this.#lost.get(list);
    let cost = 0;
    for (let index = 0; index < list.length; index += 1) {
      const value = list[index];
      cost += value === null && lost?.has(index) ? this.#staticItem(item) : this.#items(item, value, levels);
    }
    return cost;
  }

  #staticItem(item: ItemCost): number {
    if (item.is === 'leaf') return item.weight;
    return Math.max(0, ...item.possible.map(({ index }) => this.#values.costs[index] ?? 0));
  }

  #idOf(item: PossibleObjects): number {
    const id = this.#ids.get(item) ?? this.#ids.size;
    this.#ids.set(item, id);
    return id;
  }

  /** A text that is equal for types of which every row costs the same. */
  #kindOf({ type, weight, fields, keys, typeNames }: ObjectCost): string {
    const { costs, calls } = this.#values;
    const ofFields = Array.from(fields, ([key, { index, call, levels, item }]) => [
      ...[key, costs[index], calls[call], levels],
      item.is === 'leaf' ? { weight: item.weight } : this.#idOf(item),
    ]);
    return JSON.stringify([typeNames.length === 0 ? null : type, weight, [...keys], ofFields]);
  }

  #candidatesOf(item: PossibleObjects): Candidates {
    const known = this.#candidates.get(item);
    if (known !== undefined) return known;
    const different = [...new Map(item.possible.map((one) => [this.#kindOf(one), one])).values()];
    const candidates = { different, most: this.#staticItem(item) };
    this.#candidates.set(item, candidates);
    return candidates;
  }

  #row(item: PossibleObjects, row: Container): number {
    const [first, second] = item.possible;
    if (first !== undefined && second === undefined) return this.object(first, row);
    const { different, most } = this.#candidatesOf(item);
    const [only] = different;
    if (different.length === 1 && only !== undefined) return this.object(only, row);
    this.#left -= different.length;
    return this.#left < 0 ? most : this.#mostOf(different, row);
  }

  /** Cost of the most expensive type that a row may have. */
  #mostOf(different: readonly ObjectCost[], row: Container): number {
    const known = this.#uncertain.get(row) ?? new Map<ObjectCost, number>();
    this.#uncertain.set(row, known);
    const own = Object.keys(row);
    let most = 0;
    for (const one of different) {
      if (!mayBe(one, row, own)) continue;
      const cost = known.get(one) ?? this.object(one, row);
      known.set(one, cost);
      most = Math.max(most, cost);
    }
    return most;
  }
}

/**
 * Returns what a result has cost: the weights of what it contains. A row of an interface or union without `__typename`
 * costs the most of the types that it can have, and its static cost after `maxCompared` comparisons with types. Values
 * that an error removed from the result, after they were executed, have their static cost; with errors that are not
 * listed, the whole operation has. Not limited to the static cost: a backend may return more items than its `@listSize`
 * states.
 */
export const realCost = (cost: OperationCost, result: ExecutionResult, maxCompared = MAX_COMPARED): number => {
  if (result.data === undefined) return 0;
  if (result.data === null || cost.tree === null || hasUnlistedErrors(result)) return cost.total;
  const rows: Container = result.data;
  const response = new ResponseCost(cost, lostValues(result), maxCompared);
  return Math.min(response.object(cost.tree.root, rows), LARGEST_COST);
};
