import DataLoader from 'dataloader';
import type { FieldNode } from 'graphql';
import { type Backend, type BoundBackend, bindBackend } from '../backend/bind/bind.ts';
import { BatchScheduler } from '../backend/bind/key-loader.ts';
import type { AnyContext } from '../backend/define/schema-types.ts';
import type { Clock } from '../core/clock.ts';
import type { Decision, GuardedField } from '../execution/graph.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { OperationFacts } from '../upstream/routing/call-origin.ts';
import type { ExecutionBudget } from './limits/execution-budget.ts';

const NO_MARKS = { fields: [], sent: {}, definitions: [] };

/** Fetches entities of one type by key, with one selection, in one call. */
export type JoinBatch = (keys: readonly object[]) => Promise<readonly unknown[]>;

/**
 * State of one execution: the clients and loaders of each module, and the joins between modules.
 *
 * Every execution gets a new one, so that no request sees what another request loaded.
 */
export class ExecutionContext {
  readonly request: RequestContext;
  readonly budget: ExecutionBudget;
  readonly #backends: ReadonlyMap<string, Backend>;
  readonly #clock: Clock;
  readonly #operation: OperationFacts | null;
  #bypassCache = false;
  readonly #scheduler = new BatchScheduler();
  readonly #bound = new Map<string, BoundBackend>();
  readonly #joins = new Map<string, DataLoader<object, unknown, string>>();
  /** Decisions of delegation, by field node of a delegated document and coordinate. Made for the first one. */
  #decisions: WeakMap<FieldNode, Map<string, Promise<Decision>>> | null = null;
  /** The fields of the operation that may give inputs with requirements, for delegation. */
  marked: Pick<GuardedField, 'sent' | 'definitions'> & { readonly fields: readonly FieldNode[] } = NO_MARKS;

  constructor(
    request: RequestContext,
    backends: ReadonlyMap<string, Backend>,
    budget: ExecutionBudget,
    clock: Clock,
    operation: OperationFacts | null = null,
  ) {
    this.request = request;
    this.budget = budget;
    this.#backends = backends;
    this.#clock = clock;
    this.#operation = operation;
  }

  /** The context of a module's resolvers. */
  backend(name: string): AnyContext {
    return this.bound(name).context;
  }

  /** A module, bound to this request on its first use. */
  bound(name: string): BoundBackend {
    const bound = this.#bound.get(name);
    if (bound !== undefined) return bound;
    const backend = this.#backends.get(name);
    if (backend === undefined) throw new Error(`Unknown module "${name}".`);
    const created = bindBackend(backend, this.request, {
      scheduler: this.#scheduler,
      clock: this.#clock,
      bypassCache: this.#bypassCache,
      operation: this.#operation,
    });
    this.#bound.set(name, created);
    return created;
  }

  /** The loader of a join. `name` identifies type, entry point and selection. */
  join(name: string, fetch: JoinBatch): DataLoader<object, unknown, string> {
    const open = this.#joins.get(name);
    if (open !== undefined) return open;
    const loader = new DataLoader<object, unknown, string>(async (keys) => [...(await fetch(keys))], {
      cacheKeyFn: (key) => JSON.stringify(key),
    });
    this.#joins.set(name, loader);
    return loader;
  }

  /** Makes the decision on a field once for all rows of a delegated document. */
  decided(node: FieldNode, coordinate: string, decide: () => Promise<Decision>): Promise<Decision> {
    this.#decisions ??= new WeakMap();
    const decisions = this.#decisions.get(node) ?? new Map<string, Promise<Decision>>();
    this.#decisions.set(node, decisions);
    const known = decisions.get(coordinate) ?? decide();
    decisions.set(coordinate, known);
    return known;
  }

  /** Drops everything loaded, and bypasses the cache from now on: a mutation may have changed it. */
  renew(): void {
    this.#bypassCache = true;
    this.#bound.clear();
    this.#joins.clear();
  }
}
