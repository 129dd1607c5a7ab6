import type { FieldNode, GraphQLSchema, VariableDefinitionNode } from 'graphql';
import type { BoundBackend } from '../backend/bind/bind.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import type { Quota } from '../rate-limit/limiter.ts';
import type { RequestContext } from '../request/request-context.ts';

/** A field of an operation, as the client requests it. */
export interface GuardedField {
  readonly node: FieldNode;
  readonly args: Readonly<Record<string, unknown>>;
  /** Variables as the client sent them, and their definitions. */
  readonly sent: Readonly<Record<string, unknown>>;
  readonly definitions: readonly VariableDefinitionNode[];
}

/** The caller of one execution, with the modules bound to its request. */
export type BoundCaller = Pick<Bindings, 'request' | 'bound'>;

/** Decides on the field of one row. Returns null, or the error. */
export type RowGuard = (row: unknown) => Error | null | Promise<Error | null>;

/** Null if the caller may have the field, the error if not, or the guard that decides on each row. */
export type Decision = Error | RowGuard | null;

/** The authorisation of a field: decides on the field with its arguments, for all rows. */
export type Guard = (caller: BoundCaller, field: GuardedField) => Decision | Promise<Decision>;

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
  /** Returns the guard of a field of an operation, by coordinate, `Type.field`. A field without a guard is public. */
  readonly guardOf: (coordinate: string, node: FieldNode | undefined) => Guard | null;
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
