import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  visit,
} from 'graphql';
import { DEFAULT_ROWS_BEFORE_CODE } from './at-sight.ts';
import { CannotPlan } from './cannot-plan.ts';
import { Compiler } from './compile.ts';
import type { Graph } from './graph.ts';
import { Owners } from './owners.ts';
import type { Plan } from './plan.ts';

/** Of one operation, by what its variables make of @skip and @include. The oldest makes way. */
const MOST_VARIANTS = 64;

/** What is known of an operation whatever its variables are. */
interface Family {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Variables that conditions of the operation, or of any fragment, name. */
  readonly conditions: readonly string[];
  /** True where the operation, or any fragment, has `__schema` or `__type`: a root type below the root has them too. */
  readonly introspects: boolean;
  readonly variants: Map<string, Plan | CannotPlan>;
  /** Of the document. */
  readonly weight: number;
}

const INTROSPECTION: ReadonlySet<string> = new Set([SchemaMetaFieldDef.name, TypeMetaFieldDef.name]);

const readConditions = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Pick<Family, 'conditions' | 'introspects'> => {
  const names = new Set<string>();
  let introspects = false;
  visit(document, {
    // Another one's variables may have the same names, and be no conditions here.
    OperationDefinition: (node) => (node === operation ? undefined : false),
    Field: ({ name }) => {
      introspects ||= INTROSPECTION.has(name.value);
    },
    Directive: ({ name, arguments: args = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of args) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return { conditions: [...names], introspects };
};

const familyOf = (document: DocumentNode, operation: OperationDefinitionNode): Family => {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  return { fragments, ...readConditions(document, operation), variants: new Map(), weight: weightIn(document) };
};

interface Kept {
  /** Grows while it runs: fields of abstract types are made then. */
  weight: number;
  readonly forget: () => void;
}

/** What a plan weighs before it has any fields: its maps and closures. */
const EMPTY = 10;

const BYTES_PER_FIELD = 500;

/** Bound of the plans that are kept; the least recently used go first. */
const DEFAULT_MAX_BYTES = 96 * 1_048_576;

/** A plan keeps its document alive, of which two tokens, with the nodes that are made of them, are as large as a field. */
const weightIn = ({ loc }: DocumentNode): number => {
  let tokens = 0;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) tokens += 1;
  return Math.ceil(tokens / 2);
};

const fieldsIn = (plan: Plan | CannotPlan): number => (plan instanceof CannotPlan ? 0 : plan.fields());

/**
 * The plans of one graph. Each operation is compiled once for each decision of its conditions, and again when it was not in use for
 * long: what is kept is bounded.
 */
export class Plans {
  readonly #graph: Graph;
  readonly #owners: Owners;
  readonly #rowsBeforeCode: number;
  /** In fields. */
  readonly #maxWeight: number;
  readonly #families = new WeakMap<OperationDefinitionNode, Family>();
  /** The latest use last. */
  readonly #kept = new Map<Plan | CannotPlan, Kept>();
  #weight = 0;

  /** For a place of an operation where more rows than `rowsBeforeCode` were made, code is made that reads them. */
  constructor(graph: Graph, rowsBeforeCode = DEFAULT_ROWS_BEFORE_CODE, maxBytes = DEFAULT_MAX_BYTES) {
    this.#maxWeight = maxBytes / BYTES_PER_FIELD;
    this.#graph = graph;
    this.#rowsBeforeCode = rowsBeforeCode;
    this.#owners = new Owners(graph);
  }

  /** The plan of an operation that was validated, or why there is none. `variables` are coerced. */
  planOf(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): Plan | CannotPlan {
    const family = this.#familyOf(document, operation);
    if (family.introspects) return new CannotPlan('introspection');
    let variant = '';
    for (const name of family.conditions) {
      const value = variables[name];
      if (typeof value !== 'boolean') {
        // One of a fragment or operation that is not in use; or a mistake, which is told where it is found.
        if (value !== undefined) return new CannotPlan('condition-not-boolean');
        variant += '-';
      } else variant += value ? '1' : '0';
    }
    const known = family.variants.get(variant);
    if (known !== undefined) return this.#used(known);
    const made = this.#compile(operation, family, variables);
    const [oldest] = family.variants.values();
    if (oldest !== undefined && family.variants.size >= MOST_VARIANTS) this.#forget(oldest);
    family.variants.set(variant, made);
    const weight = EMPTY + family.weight + fieldsIn(made);
    this.#kept.set(made, { weight, forget: () => family.variants.delete(variant) });
    this.#weight += weight;
    this.#makeRoom(made);
    return made;
  }

  #used(plan: Plan | CannotPlan): Plan | CannotPlan {
    const kept = this.#kept.get(plan);
    if (kept !== undefined && this.#kept.delete(plan)) this.#kept.set(plan, kept);
    return plan;
  }

  #grow(plan: Plan | undefined): void {
    const kept = plan === undefined ? undefined : this.#kept.get(plan);
    if (kept === undefined) return;
    kept.weight += 1;
    this.#weight += 1;
  }

  #forget(plan: Plan | CannotPlan): void {
    const kept = this.#kept.get(plan);
    if (kept === undefined) return;
    this.#kept.delete(plan);
    this.#weight -= kept.weight;
    kept.forget();
  }

  #makeRoom(latest: Plan | CannotPlan): void {
    for (const plan of this.#kept.keys()) {
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
    let made: Plan | undefined;
    const grew = (): void => this.#grow(made);
    try {
      made = new Compiler(this.#graph, this.#owners, reading, this.#rowsBeforeCode, grew).plan(operation);
      return made;
    } catch (error) {
      if (error instanceof CannotPlan) return error;
      throw error;
    }
  }
}
