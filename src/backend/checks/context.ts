import type { GraphQLResolveInfo } from 'graphql';
import type { Principal } from '../../request/request-context.ts';
import type { LoadedIn } from '../define/loaded.ts';
import type { BackendContext, CallerOf, Parent, SchemaShape } from '../define/schema-types.ts';
import type { CommonFields, MemberField, MemberParent, MembersOf } from './member-fields.ts';
import type { NoProblem } from './problem.ts';

/**
 * Any value. Contexts accept it, so that a wrong value does not end inference: contexts type parameters and literals,
 * and the checks report problems once all types are inferred.
 */
// biome-ignore lint/complexity/noBannedTypes: `unknown` would swallow the rest of a union
export type Anything = {} | null | undefined;

/** Context of an unknown name. Its functions accept anything, so that the name is the only error. */
export interface Unnamed extends NoProblem {
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known of it
  (...args: any): any;
  readonly [name: string]: Unnamed | undefined;
}

export interface Others {
  readonly [name: string]: Unnamed | Anything;
}

type FieldsOf<S extends SchemaShape, Type extends keyof S['objects']> = S['objects'][Type]['fields'];

/**
 * Context of a returned expression, which keeps returned literals literal. An intersection replaces the union for async
 * functions, because the compiler takes no promise from a union.
 */
type ReturnContext<Result> = [Result] extends [string | number | bigint | boolean | null | undefined]
  ? (Result & Promise<Result>) | Promise<Result>
  : Result | Promise<Result>;

/** A resolver, or a call of `loaded`. */
interface FieldContext<ParentRow, Args, C, L, Result, Caller = Principal> extends LoadedIn<L, ParentRow>, NoProblem {
  (
    parent: ParentRow,
    args: Args,
    context: BackendContext<C, L, Caller>,
    info: GraphQLResolveInfo,
  ): ReturnContext<Result>;
}

type FieldsContext<S extends SchemaShape, C, L, M, Type extends keyof S['objects']> = {
  readonly [Field in keyof FieldsOf<S, Type>]?:
    | FieldContext<
        Parent<S, M, Type, Field>,
        FieldsOf<S, Type>[Field]['args'],
        C,
        L,
        FieldsOf<S, Type>[Field]['result'],
        CallerOf<FieldsOf<S, Type>[Field]>
      >
    | Anything;
} & (string extends keyof FieldsOf<S, Type> ? unknown : Others & NoProblem);

/** Resolvers of an interface, for all types that implement it. */
type InterfaceContext<S extends SchemaShape, C, L, M, Type extends keyof S['abstracts']> = {
  readonly [Field in CommonFields<S, Type>]?:
    | FieldContext<
        MemberParent<S, M, MembersOf<S, Type>, Field>,
        MemberField<S, Type, Field>['args'],
        C,
        L,
        MemberField<S, Type, Field>['result']
      >
    | Anything;
} & Others &
  NoProblem;

/** Types the parameters and literals of resolvers. Every value is assignable to it. */
export type ResolversContext<S extends SchemaShape, C, L, M> = {
  readonly [Type in keyof S['objects']]?: FieldsContext<S, C, L, M, Type> | Anything;
} & (string extends keyof S['objects']
  ? unknown
  : Others & { readonly [Type in keyof S['abstracts']]?: InterfaceContext<S, C, L, M, Type> | Anything });
