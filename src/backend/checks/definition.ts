import type { Principal } from '../../request/principal.ts';
import type { Batch } from '../define/batch.ts';
import type { GivenCode } from '../define/fail.ts';
import type { RowPolicy, RowPolicyIn } from '../define/row-policy.ts';
import type { BackendContext, Clients, Policy, SchemaShape } from '../define/schema-types.ts';
import type { GraphqlUpstream, GrpcUpstream, RestUpstream } from '../define/upstream-options.ts';
import type { Sdl } from '../sdl/sdl.ts';
import type { Anything, ResolversContext } from './context.ts';
import type { CheckedMerge } from './merge.ts';
import type { IsAny } from './misfit.ts';
import type { NoProblem, Problem } from './problem.ts';
import type { CheckedResolvers, Lacking } from './resolvers.ts';
import type { CheckedRoutes } from './routes.ts';

interface LoadersContext<C, L> extends NoProblem {
  (clients: C): L;
}

/** Source types of the rows of a module's object types. */
type RowsOf<S extends SchemaShape> = { readonly [Type in keyof S['objects']]: S['objects'][Type]['source'] };

/** A function, or a call of `rowPolicy`. */
interface PolicyContext<S extends SchemaShape, C, L> extends RowPolicyIn<RowsOf<S>, BackendContext<C, L>>, NoProblem {
  (
    principal: Principal,
    args: Readonly<Record<string, unknown>>,
    context: BackendContext<C, L>,
  ): boolean | Promise<boolean>;
}

/** Types the parameters of a definition's functions, and infers upstreams, loaders, merges and codes. */
export interface DefinitionContext<S extends SchemaShape, U, L, M, E extends string> {
  readonly name?: Anything;
  readonly typeDefs?: Anything;
  readonly errors?: { readonly [Code in E]: Anything };
  readonly upstreams?: U | Anything;
  readonly policies?: Readonly<Record<string, PolicyContext<S, Clients<S, U>, NoInfer<L>> | Anything>>;
  readonly routes?: Anything;
  readonly loaders?: LoadersContext<Clients<S, U>, L> | Anything;
  readonly merge?: M;
  readonly resolvers?: ResolversContext<S, Clients<S, U>, NoInfer<L>, NoInfer<M>>;
}

type CheckedUpstream<S extends SchemaShape, Given> =
  Given extends GrpcUpstream<infer Service>
    ? Service extends keyof S['services']
      ? unknown
      : Problem<`no .proto of this module has the service ${Service}`>
    : Given extends { readonly protocol: 'graphql' }
      ? GraphqlUpstream
      : RestUpstream;

/** Codes of an upstream's `errors` that the module's `errors` does not declare. */
type UndeclaredCodes<Given, E> = Given extends { readonly codes?: infer Code }
  ? IsAny<Given> extends true
    ? never
    : Exclude<Code, E | GivenCode | undefined>
  : never;

type CheckedUpstreams<S extends SchemaShape, U, E> = {
  readonly [Name in keyof U]: string extends UndeclaredCodes<U[Name], E>
    ? CheckedUpstream<S, U[Name]>
    : [UndeclaredCodes<U[Name], E>] extends [never]
      ? CheckedUpstream<S, U[Name]>
      : Problem<`upstreams.${Name & string}: \`errors\` of the module does not declare ${UndeclaredCodes<U[Name], E> & string}`>;
};

type NoBatch<L> = {
  [Name in keyof L]: IsAny<L[Name]> extends true ? never : L[Name] extends Batch<never, unknown> ? never : Name;
}[keyof L];

/**
 * Type of `loaders` if a value is not a batch. The compiler compares the returned literal with it property by property.
 */
interface WrongLoaders<Names extends PropertyKey> extends Problem<'loaders: not a batch(…)'> {
  (...args: never): { readonly [Name in Names]: Problem<`loaders.${Name & string}: not a batch(…)`> };
}

type CheckedLoaders<L, Given> = Given extends (...args: never) => unknown
  ? [NoBatch<L>] extends [never]
    ? unknown
    : WrongLoaders<NoBatch<L>>
  : Problem<'loaders: not a function of the clients'>;

type CheckedPolicy<Name extends string, S extends SchemaShape, Context, Given> =
  Given extends RowPolicy<infer Type, infer Need>
    ? Type extends keyof RowsOf<S>
      ? [Exclude<Need, keyof RowsOf<S>[Type]>] extends [never]
        ? unknown
        : Problem<`policies.${Name}: rows of ${Type} have no ${Exclude<Need, keyof RowsOf<S>[Type]>}`>
      : Problem<`policies.${Name}: the SDL has no type ${Type}`>
    : Given extends (...args: never) => boolean | Promise<boolean>
      ? Policy<Context>
      : Problem<`policies.${Name}: not a function that returns true or false`>;

type ResolversIn<D> = D extends { readonly resolvers: infer Given } ? Given : unknown;

type PropertyOf<D, Name> = Name extends keyof D ? D[Name] : never;

/** Applies a check only to modules with generated types; the SDL of other modules is unknown to the compiler. */
type Generated<S extends SchemaShape, Check, Otherwise = unknown> = string extends keyof S['objects']
  ? Otherwise
  : Check;

/**
 * Problems are reported at the property they concern. A missing property, or a missing resolver, has none: `name` and
 * `typeDefs` report it.
 */
interface CheckedProperties<S extends SchemaShape, U, L, M, E extends string, D> {
  readonly name: 'typeDefs' extends keyof D ? string : Problem<'a module needs typeDefs: sdl(import.meta.url)'>;
  readonly typeDefs: 'name' extends keyof D
    ? Generated<S, [Lacking<S, M, ResolversIn<D>>] extends [never] ? Sdl : Problem<Lacking<S, M, ResolversIn<D>>>, Sdl>
    : Problem<'a module needs a name'>;
  readonly errors: { readonly [Code in keyof PropertyOf<D, 'errors'>]: string };
  readonly upstreams: CheckedUpstreams<S, U, E>;
  readonly policies: {
    readonly [Name in keyof PropertyOf<D, 'policies'>]: CheckedPolicy<
      Name & string,
      S,
      BackendContext<Clients<S, U>, L>,
      PropertyOf<D, 'policies'>[Name]
    >;
  };
  readonly routes: CheckedRoutes<U, PropertyOf<D, 'routes'>>;
  readonly loaders: CheckedLoaders<L, PropertyOf<D, 'loaders'>>;
  readonly merge: Generated<S, CheckedMerge<S, L, M>>;
  readonly resolvers: Generated<S, CheckedResolvers<S, Clients<S, U>, L, M, E, PropertyOf<D, 'resolvers'>>>;
}

/**
 * The second pass over a definition, after all types are inferred; before that `D` is unknown. An error during
 * inference would end it and cause many further errors.
 */
export type Checked<S extends SchemaShape, U, L, M, E extends string, D> = unknown extends D
  ? D
  : NoInfer<{
      readonly [Name in keyof D]: Name extends keyof CheckedProperties<S, U, L, M, E, D>
        ? CheckedProperties<S, U, L, M, E, D>[Name]
        : Problem<`a module has no property ${Name & string}`>;
    }>;
