import type { GraphQLSchema } from 'graphql';
import type { BoundBackend } from '../backend/bind/bind.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import type { Quota } from '../rate-limit/limiter.ts';
import type { RequestContext } from '../request/request-context.ts';

/**
 * Decides whether the caller may have a field with these arguments. Returns null, or the error. A guard receives no
 * row, so that its decision holds for all of them.
 */
export type Guard = (
  request: RequestContext,
  args: Readonly<Record<string, unknown>>,
) => Error | null | Promise<Error | null>;

/** The rate limit of one field. */
export interface Limit {
  readonly quota: Quota;
  /** Counts one execution of the field. Returns null, or the error of an execution above the limit. */
  count(request: RequestContext): Promise<Error | null>;
}

/** A module, and the schema of its part of the graph. */
export interface GraphModule {
  readonly module: SchemaModule;
  readonly schema: GraphQLSchema;
}

/** The graph as execution sees it: the modules, not the stitched schema. */
export interface Graph {
  /** The schema that clients see. */
  readonly schema: GraphQLSchema;
  readonly modules: readonly GraphModule[];
  /** Guards by coordinate, `Type.field`. A field without a guard is public. */
  readonly guards: ReadonlyMap<string, Guard>;
  /** Rate limits by coordinate. They are counted after the guard, once for each row. */
  readonly limits: ReadonlyMap<string, Limit>;
}

/** The dependencies of one execution for one request. */
export interface Bindings {
  readonly request: RequestContext;
  readonly budget: Budget;
  /** Returns a module bound to the request. */
  bound(module: string): BoundBackend;
  /** Clears the key loaders, so that later fields see the changes of a mutation. */
  renew(): void;
}

/** The execution budget. */
export interface Budget {
  /** Takes fields from the budget. Returns null while enough are left; otherwise the execution is over. */
  take(count: number): unknown;
  /** Checks the clock. Returns null while time is left; otherwise the execution is over. */
  look(): unknown;
}
