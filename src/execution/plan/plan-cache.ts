import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { Graph } from '../graph.ts';
import { CannotPlan } from './cannot-plan.ts';
import { Compiler } from './compiler.ts';
import { conditionsIn, type Fragments, fragmentsIn } from './conditions.ts';
import { Owners } from './field-owners.ts';
import type { Plan } from './plan.ts';
import { DEFAULT_ROWS_BEFORE_CODE } from './row-codegen.ts';

/**
 * Maximum number of variants of one operation, one for each set of values of its `@skip` and `@include` conditions. The
 * oldest is dropped.
 */
const MAX_VARIANTS = 64;

/** An operation and its plans: one variant for each set of values of its conditions. */
interface Family {
  readonly fragments: Fragments;
  /** Variables that are used in conditions of the operation or of a fragment that it reaches. */
  readonly conditions: readonly string[];
  readonly variants: Map<string, Plan | CannotPlan>;
  /** Weight of the document. */
  readonly weight: number;
}

const familyOf = (document: DocumentNode, operation: OperationDefinitionNode): Family => {
  const fragments = fragmentsIn(document);
  return {
    fragments,
    conditions: conditionsIn(operation, fragments),
    variants: new Map(),
    weight: weightIn(document),
  };
};

interface CacheEntry {
  /** Grows while the plan runs: fields of abstract types are added then. */
  weight: number;
  readonly forget: () => void;
}

/** Weight of a plan without fields: its maps and closures. */
const EMPTY = 10;

const BYTES_PER_FIELD = 500;

/** Bound of the kept plans in bytes, 96 MiB. The least recently used are dropped first. */
const DEFAULT_MAX_BYTES = 96 * 1_048_576;

/**
 * A plan retains its document. Measured: two tokens with their AST nodes take about as much memory as one field (500
 * bytes).
 */
const weightIn = ({ loc }: DocumentNode): number => {
  let tokens = 0;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) tokens += 1;
  return Math.ceil(tokens / 2);
};

const fieldsIn = (plan: Plan | CannotPlan): number => (plan instanceof CannotPlan ? 0 : plan.fields());

/**
 * The plan cache of one graph. It compiles each operation once for each set of values of its conditions, and again
 * after the plan was dropped.
 */
export class PlanCache {
  readonly #graph: Graph;
  readonly #owners: Owners;
  readonly #rowsBeforeCode: number;
  /** Unit: fields. */
  readonly #maxWeight: number;
  readonly #families = new WeakMap<OperationDefinitionNode, Family>();
  /** Ordered by last use, latest last. Not an LRUCache: its sizes are fixed, and the weight of a plan grows. */
  readonly #entries = new Map<Plan | CannotPlan, CacheEntry>();
  #weight = 0;

  /** `rowsBeforeCode`: rows of a selection before code is generated for it. */
  constructor(graph: Graph, rowsBeforeCode = DEFAULT_ROWS_BEFORE_CODE, maxBytes = DEFAULT_MAX_BYTES) {
    this.#maxWeight = maxBytes / BYTES_PER_FIELD;
    this.#graph = graph;
    this.#rowsBeforeCode = rowsBeforeCode;
    this.#owners = new Owners(graph);
  }

  /** Returns the plan of a validated operation, or the reason why there is none. `variables` are coerced. */
  planOf(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): Plan | CannotPlan {
    const family = this.#familyOf(document, operation);
    let variant = '';
    for (const name of family.conditions) {
      const value = variables[name];
      if (typeof value !== 'boolean') {
        // Validation allows null for a variable with a default value. Its own check reports it.
        if (value !== undefined) return new CannotPlan('condition-not-boolean');
        variant += '-';
      } else variant += value ? '1' : '0';
    }
    const known = family.variants.get(variant);
    if (known !== undefined) return this.#used(known);
    const plan = this.#compile(operation, family, variables);
    const [oldest] = family.variants.values();
    if (oldest !== undefined && family.variants.size >= MAX_VARIANTS) this.#forget(oldest);
    family.variants.set(variant, plan);
    const weight = EMPTY + family.weight + fieldsIn(plan);
    this.#entries.set(plan, { weight, forget: () => family.variants.delete(variant) });
    this.#weight += weight;
    this.#makeRoom(plan);
    return plan;
  }

  #used(plan: Plan | CannotPlan): Plan | CannotPlan {
    const entry = this.#entries.get(plan);
    if (entry !== undefined && this.#entries.delete(plan)) this.#entries.set(plan, entry);
    return plan;
  }

  #grow(plan: Plan | undefined): void {
    const entry = plan === undefined ? undefined : this.#entries.get(plan);
    if (entry === undefined) return;
    entry.weight += 1;
    this.#weight += 1;
  }

  #forget(plan: Plan | CannotPlan): void {
    const entry = this.#entries.get(plan);
    if (entry === undefined) return;
    this.#entries.delete(plan);
    this.#weight -= entry.weight;
    entry.forget();
  }

  #makeRoom(latest: Plan | CannotPlan): void {
    for (const plan of this.#entries.keys()) {
      if (this.#weight <= this.#maxWeight || plan === latest) return;
      this.#forget(plan);
    }
  }

  #familyOf(document: DocumentNode, operation: OperationDefinitionNode): Family {
    const known = this.#families.get(operation);
    if (known !== undefined) return known;
    const family = familyOf(document, operation);
    this.#families.set(operation, family);
    return family;
  }

  #compile(
    operation: OperationDefinitionNode,
    { fragments, conditions }: Family,
    variables: Readonly<Record<string, unknown>>,
  ): Plan | CannotPlan {
    const decided = Object.fromEntries(conditions.map((name) => [name, variables[name]]));
    const reading = { schema: this.#graph.schema, fragments, conditions: decided };
    let plan: Plan | undefined;
    const onFieldAdded = (): void => this.#grow(plan);
    try {
      plan = new Compiler(this.#graph, this.#owners, reading, this.#rowsBeforeCode, onFieldAdded).plan(operation);
      return plan;
    } catch (error) {
      if (error instanceof CannotPlan) return error;
      throw error;
    }
  }
}
