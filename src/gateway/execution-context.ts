import DataLoader from 'dataloader';
import { type AnyBackendContext, type Backend, type BoundBackend, bindBackend } from '../backend/bind.ts';
import type { RequestContext } from '../backend/request-context.ts';
import { Wave } from '../backend/wave.ts';
import type { Budget } from './budget.ts';

/** Fetches entities of one type by key, with one selection, in one go. */
export type JoinBatch = (keys: readonly object[]) => Promise<readonly unknown[]>;

/**
 * What one execution of one operation holds: each module's clients and loaders, and the joins between modules.
 *
 * A new one is made for every execution, so that nothing is answered from what another request has loaded.
 */
export class ExecutionContext {
  readonly request: RequestContext;
  readonly budget: Budget;
  readonly #backends: ReadonlyMap<string, Backend>;
  #fresh = false;
  readonly #wave = new Wave();
  readonly #bound = new Map<string, BoundBackend>();
  readonly #joins = new Map<string, DataLoader<object, unknown, string>>();

  constructor(request: RequestContext, backends: ReadonlyMap<string, Backend>, budget: Budget) {
    this.request = request;
    this.budget = budget;
    this.#backends = backends;
  }

  /** What a module's resolvers get. */
  backend(name: string): AnyBackendContext {
    return this.bound(name).context;
  }

  /** A module, bound to this request when the operation first reaches it. */
  bound(name: string): BoundBackend {
    const bound = this.#bound.get(name);
    if (bound !== undefined) return bound;
    const backend = this.#backends.get(name);
    if (backend === undefined) throw new Error(`There is no module "${name}".`);
    const fresh = bindBackend(backend, this.request, { wave: this.#wave, fresh: this.#fresh });
    this.#bound.set(name, fresh);
    return fresh;
  }

  /** Entities by key; `name` tells apart types, entry points and selections. */
  join(name: string, fetch: JoinBatch): DataLoader<object, unknown, string> {
    const open = this.#joins.get(name);
    if (open !== undefined) return open;
    const loader = new DataLoader<object, unknown, string>(async (keys) => [...(await fetch(keys))], {
      cacheKeyFn: (key) => JSON.stringify(key),
    });
    this.#joins.set(name, loader);
    return loader;
  }

  /** Forgets what was loaded, here and by others: what comes next may see what a mutation has changed. */
  renew(): void {
    this.#fresh = true;
    this.#bound.clear();
    this.#joins.clear();
  }
}
