import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { conditionsIn, type Fragments, fragmentsIn } from '../../../execution/plan/conditions.ts';
import { coercedVariables } from '../../coerced-variables.ts';
import type { CostWeights } from '../../directives/cost/cost-weights.ts';
import type { Operation } from '../../operation.ts';
import type { ArgumentCost, ListCosts } from './argument-cost.ts';
import { CostCompiler, TooLargeForCost } from './compile-costs.ts';
import { type CostTree, type CostValues, type ItemCost, LARGEST_COST } from './cost-tree.ts';
import { FieldCosts } from './field-costs.ts';

type Values = Readonly<Record<string, unknown>>;

/** Number of items of a list without `@listSize`, unless `DEFAULT_LIST_SIZE` sets another one. */
export const DEFAULT_LIST_SIZE = 100;

/** Maximum number of objects and fields in all trees that are kept, about 20 MB. The least recently used are dropped. */
const MAX_NODES = 100_000;

/** Maximum number of outcomes of one operation that are kept as too large. Those with a tree are bounded by their nodes. */
const MAX_OUTCOMES = 1_000;

/** Weight of a tree without fields. */
const EMPTY = 50;

const bounded = (cost: number): number => Math.min(cost, LARGEST_COST);

/** Costs are shown to the thousandth. */
export const roundedCost = (cost: number): number => Math.round(cost * 1_000) / 1_000;

/** Costs of an operation that has no tree: it costs the same whatever it returns. */
export interface FixedCost {
  readonly tree: null;
  readonly total: number;
  /** Why the cost is unbounded; null for one that is not. */
  readonly unbounded: string | null;
}

/** Variables are invalid, so that the operation is not executed. */
const NOT_EXECUTED: FixedCost = { tree: null, total: 0, unbounded: null };

const TOO_LARGE: FixedCost = { tree: null, total: LARGEST_COST, unbounded: 'it selects too many fields' };

/** The costs of one operation with its variables. */
export type OperationCost = CostValues | FixedCost;

/** An operation with its costs, one tree for each outcome of its conditions. */
interface CostFamily {
  readonly fragments: Fragments;
  readonly conditions: readonly string[];
  /** Null for an operation with too many selections. */
  readonly outcomes: Map<string, CostTree | null>;
}

/** Computes the static cost of operations: the most that they can cost. */
export class StaticCosts {
  readonly #schema: GraphQLSchema;
  readonly #fields: FieldCosts;
  readonly #listSize: number;
  readonly #families = new WeakMap<OperationDefinitionNode, CostFamily>();
  readonly #known = new WeakMap<Operation, OperationCost>();
  /** Trees that are kept, each with the function that drops it. */
  readonly #trees = new LRUCache<CostTree, () => void>({
    maxSize: MAX_NODES,
    sizeCalculation: (_forget, { nodes }) => EMPTY + nodes.length,
    dispose: (forget) => forget(),
  });
  /** Values of trees without variables. */
  readonly #constant = new WeakMap<CostTree, CostValues>();

  constructor(schema: GraphQLSchema, weights: CostWeights, listSize = DEFAULT_LIST_SIZE) {
    this.#schema = schema;
    this.#fields = new FieldCosts(weights);
    this.#listSize = listSize;
  }

  /** Returns the cost of an operation if it was computed before; undefined otherwise. */
  known(operation: Operation): OperationCost | undefined {
    return this.#known.get(operation);
  }

  /** Returns the cost of a valid operation. The same object is computed once. */
  of(operation: Operation): OperationCost {
    const known = this.#known.get(operation);
    if (known !== undefined) return known;
    const cost = this.#compute(operation);
    this.#known.set(operation, cost);
    return cost;
  }

  #compute(operation: Operation): OperationCost {
    const { errors, coerced } = coercedVariables(this.#schema, operation, { maxErrors: 1 });
    if (errors !== undefined) return NOT_EXECUTED;
    const tree = this.#treeOf(operation, coerced);
    if (tree === null) return TOO_LARGE;
    const constant = this.#constant.get(tree);
    if (constant !== undefined) return constant;
    const values = this.#values(tree, coerced);
    if (tree.calls.every(({ withVariables }) => withVariables === null)) this.#constant.set(tree, values);
    return values;
  }

  #treeOf({ document, operation }: Operation, variables: Values): CostTree | null {
    const family = this.#familyOf(document, operation);
    // Null, which fails at execution, counts as false.
    const conditions = Object.fromEntries(family.conditions.map((name) => [name, variables[name] === true]));
    const outcome = Object.values(conditions).map(Number).join('');
    const known = family.outcomes.get(outcome);
    if (known !== undefined) {
      if (known !== null) this.#trees.get(known);
      return known;
    }
    const tree = this.#compiled(operation, { schema: this.#schema, fragments: family.fragments, conditions });
    if (tree === null) {
      if (family.outcomes.size < MAX_OUTCOMES) family.outcomes.set(outcome, null);
      return null;
    }
    family.outcomes.set(outcome, tree);
    this.#trees.set(tree, () => family.outcomes.delete(outcome));
    return tree;
  }

  #familyOf(document: Operation['document'], operation: OperationDefinitionNode): CostFamily {
    const known = this.#families.get(operation);
    if (known !== undefined) return known;
    const fragments = fragmentsIn(document);
    const family: CostFamily = { fragments, conditions: conditionsIn(operation, fragments), outcomes: new Map() };
    this.#families.set(operation, family);
    return family;
  }

  #compiled(
    { operation, selectionSet }: OperationDefinitionNode,
    reading: ConstructorParameters<typeof CostCompiler>[1],
  ): CostTree | null {
    const root = this.#schema.getRootType(operation);
    if (!root) return null;
    try {
      return new CostCompiler(this.#fields, reading).tree(root, selectionSet);
    } catch (error) {
      if (error instanceof TooLargeForCost) return null;
      throw error;
    }
  }

  #values(tree: CostTree, variables: Values): CostValues {
    const calls = new Float64Array(tree.calls.length);
    const sizes = new Float64Array(tree.calls.length);
    let unbounded: string | null = null;
    const lists: ListCosts = new Map();
    const read = new Map<ArgumentCost, Pick<ArgumentCost, 'cost' | 'size'>>();
    for (const [index, call] of tree.calls.entries()) {
      const { cost, size } = read.get(call) ?? call.withVariables?.(variables, lists) ?? call;
      if (call.withVariables !== null) read.set(call, { cost, size });
      calls[index] = bounded(cost);
      sizes[index] = bounded(size ?? this.#listSize);
      if (size === Number.POSITIVE_INFINITY) unbounded ??= call.requires;
    }
    const costs = new Float64Array(tree.nodes.length);
    const itemCost = (item: ItemCost): number => {
      if (item.is === 'leaf') return item.weight;
      let most = 0;
      for (const { index } of item.possible) most = Math.max(most, costs[index] ?? 0);
      return most;
    };
    for (const node of tree.nodes) {
      let cost: number;
      if (node.is === 'field') {
        const { sizedBy, levels } = node;
        cost = itemCost(node.item);
        // A list in a list has the default size.
        for (let level = 1; level < levels; level += 1) cost = bounded(cost * this.#listSize);
        if (sizedBy !== undefined) cost = bounded(cost * (sizedBy === null ? this.#listSize : (sizes[sizedBy] ?? 0)));
        cost += calls[node.call] ?? 0;
      } else {
        cost = node.weight;
        for (const { index } of node.fields.values()) cost += costs[index] ?? 0;
      }
      costs[node.index] = bounded(cost);
    }
    const total = costs[tree.root.index] ?? 0;
    return { tree, costs, calls, total, unbounded: total === LARGEST_COST ? unbounded : null };
  }
}
