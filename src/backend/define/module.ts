import type { GraphQLResolveInfo, GraphQLScalarType } from 'graphql';
import type { Others } from '../checks/context.ts';
import type { Checked, DefinitionContext } from '../checks/definition.ts';
import type { MergeContext } from '../checks/merge.ts';
import type { Remote } from '../remote/remote.ts';
import type { DeclaredRoutes } from '../routes/pass.ts';
import type { Sdl } from '../sdl/sdl.ts';
import type { Batch } from './batch.ts';
import type { Loaded } from './loaded.ts';
import type { RowPolicy } from './row-policy.ts';
import type { Enumeration } from './scalars/enumeration.ts';
import type { AnyContext, MergeShape, Policy, SchemaShape } from './schema-types.ts';
import type { UpstreamDefinition } from './upstream-options.ts';

export type AnyResolver = (parent: unknown, args: unknown, context: AnyContext, info: GraphQLResolveInfo) => unknown;

export type AnyField = AnyResolver | Loaded | Remote;

/** One backend team's part of the graph: a value that can be read without starting anything. */
export interface SchemaModule {
  /** Must equal the name of its folder. */
  readonly name: string;
  readonly typeDefs: Sdl;
  /** Codes for `fail`, each with its public message. */
  readonly errors: Readonly<Record<string, string>>;
  readonly upstreams: Readonly<Record<string, UpstreamDefinition>>;
  /** Policies for `@policy` in this module's SDL, by name. */
  readonly policies: Readonly<Record<string, Policy | RowPolicy>>;
  /** Pass-through routes, by method and path. Default: none. */
  readonly routes?: DeclaredRoutes;
  readonly loaders: (clients: Readonly<Record<string, unknown>>) => Readonly<Record<string, Batch<unknown, unknown>>>;
  readonly merge: Readonly<Record<string, MergeShape>>;
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, AnyField>> | GraphQLScalarType | Enumeration>>;
}

/**
 * Defines a schema module: `export default defineBackend<Schema>()({ … })`, where `Schema` comes from
 * schema.generated.ts.
 *
 * The empty call sets one type parameter and lets the others be inferred. Write the properties in the order in which
 * data flows (`upstreams`, `loaders`, `policies`, `merge`, `resolvers`): types are inferred from top to bottom.
 */
export const defineBackend =
  <S extends SchemaShape>() =>
  <
    D,
    U = Record<never, never>,
    L = Record<never, never>,
    const M extends MergeContext<S> = Record<never, never>,
    const E extends string = never,
  >(
    definition: DefinitionContext<S, U, L, M, E> & Others & Checked<S, U, L, M, E, D>,
  ): SchemaModule => {
    const {
      name,
      typeDefs,
      errors = {},
      upstreams = {},
      policies = {},
      routes = {},
      loaders = () => ({}),
      merge = {},
      resolvers = {},
    } = definition as Partial<SchemaModule>;
    // Erased on purpose: from here on a module is data, whatever its types were.
    return {
      name,
      typeDefs,
      errors,
      upstreams,
      policies,
      routes,
      loaders,
      merge,
      resolvers,
    } as unknown as SchemaModule;
  };
