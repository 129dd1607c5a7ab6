import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import type { BoundBackend } from '../backend/bind.ts';
import type { SchemaModule } from '../backend/module.ts';
import type { RequestContext } from '../backend/request-context.ts';

/** Says whether the caller may have a field with these arguments: null, or why not. It is never shown a row. */
export type Guard = (
  request: RequestContext,
  args: Readonly<Record<string, unknown>>,
) => Error | null | Promise<Error | null>;

/** What a field's resolver is when something of the gateway's stands in front of it. */
export type Limited = GraphQLFieldResolver<unknown, never>;

/** A module, with its part of the graph as a schema of its own. */
export interface GraphModule {
  readonly module: SchemaModule;
  readonly schema: GraphQLSchema;
  /** By coordinate: the resolvers that count against a limit first. */
  readonly limited: ReadonlyMap<string, Limited>;
}

/** All that execution knows of the graph: it reads modules, and not what stitching made of them. */
export interface Graph {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly modules: readonly GraphModule[];
  /** By coordinate, `Type.field`; a field that is not there is open to everybody. */
  readonly guards: ReadonlyMap<string, Guard>;
  /** Whether a name is the gateway's own, and nothing that a module gives. */
  readonly isHidden: (name: string) => boolean;
}

/** What belongs to one execution for one request. */
export interface Bindings {
  readonly request: RequestContext;
  readonly budget: Budget;
  /** A module, bound to the request. */
  bound(module: string): BoundBackend;
  /** Forgets what was loaded: what comes next may see what a mutation has changed. */
  renew(): void;
}

export interface Budget {
  /** Takes fields from it: null while there are enough, else the execution is over. */
  take(count: number): unknown;
  /** Looks at the clock: null while there is time, else the execution is over. */
  look(): unknown;
}
