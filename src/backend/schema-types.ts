import type { GraphQLResolveInfo, GraphQLScalarType } from 'graphql';
import type { CacheOptions } from './batch.ts';
import type { Enumeration, InternalValue } from './enumeration.ts';
import type { Failure, GivenFailure } from './fail.ts';
import type { GrpcClient } from './grpc-client.ts';
import type { LoadedField, LoaderKey, LoaderMap, LoaderValue } from './loaded.ts';
import type { Principal } from './request-context.ts';
import type { RestClient } from './rest-client.ts';
import type { GrpcUpstream, RestUpstream } from './upstreams.ts';

/** What codegen writes of a module's SDL and .proto files, as `Schema` in schema.generated.ts. */
export interface SchemaShape {
  readonly objects: Readonly<Record<string, ObjectShape>>;
  readonly abstracts: Readonly<Record<string, string>>;
  readonly enums: Readonly<Record<string, EnumShape>>;
  readonly scalars: string;
  readonly needs: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly services: Readonly<Record<string, object>>;
}

interface ObjectShape {
  readonly source: unknown;
  readonly fields: Readonly<Record<string, { readonly args: unknown; readonly result: unknown }>>;
}

interface EnumShape {
  readonly name: string;
  readonly internal: unknown;
}

/**
 * The rows a module hands out as `Name`, or the internal values of the enum `Name`: those it names in `Schema<{ Name: Row }>`,
 * else what the SDL says.
 */
export type Source<Rows, Name extends string, FromSdl> = Name extends keyof Rows ? Rows[Name] : FromSdl;

export type Upstreams<S extends SchemaShape> = Readonly<
  Record<string, RestUpstream | GrpcUpstream<keyof S['services'] & string>>
>;

/** The module's upstreams as a resolver or loader sees them. */
export type Clients<S extends SchemaShape, U> = {
  readonly [Name in keyof U]: U[Name] extends GrpcUpstream<infer Service extends keyof S['services'] & string>
    ? GrpcClient<S['services'][Service]>
    : RestClient;
};

/** A loader as a resolver sees it: DataLoader's, bound to this request. */
export interface Loader<Key, Value> {
  /** Keys asked for in one wave are loaded with one call, and each key once a request. */
  load(key: Key): Promise<Value>;
  /** Errors stand in the place of the keys that failed. */
  loadMany(keys: readonly Key[]): Promise<(Value | Error)[]>;
}

export type Loaders<L> = { readonly [Name in keyof L]: Loader<LoaderKey<L[Name]>, LoaderValue<L[Name]>> };

/** What a resolver gets beside its parent and arguments. Of other modules it sees nothing but the graph. */
export interface BackendContext<C, L> {
  readonly clients: C;
  readonly loaders: Loaders<L>;
  readonly principal: Principal;
  readonly requestId: string;
  /**
   * A key of this caller for a message field, from a key that the client made up: equal for equal keys of one user of this module,
   * different for every other user. Without a user it is different in each request.
   */
  readonly scopedKey: (key: string) => string;
  /** Aborted when nobody waits for the answer any more. Clients and loaders know it already. */
  readonly signal: AbortSignal;
}

/** How a type that several modules give fields to is joined. */
export interface MergeShape {
  readonly key: string | readonly string[];
  readonly load?: string;
  readonly cache?: CacheOptions;
  readonly needs?: Readonly<Record<string, readonly string[]>>;
}

type FieldName<S extends SchemaShape, Type extends keyof S['objects']> = keyof S['objects'][Type]['fields'] & string;

/** Whether a key, or some of the fields of an entity, are what a loader takes. */
type Fits<Key, Wanted> = [Key] extends [Wanted]
  ? true
  : Pick<Key, keyof Key & keyof Wanted> extends Wanted
    ? true
    : false;

/** Loaders whose keys are made of a type's key, and which give its rows. */
type EntityLoader<S extends SchemaShape, Type extends keyof S['objects'], Key, L> = {
  [Name in keyof L & string]: Fits<Key, LoaderKey<L[Name]>> extends true
    ? unknown extends LoaderValue<L[Name]> // not inferred yet
      ? Name
      : LoaderValue<L[Name]> extends S['objects'][Type]['source'] | null
        ? Name
        : never
    : never;
}[keyof L & string];

type FieldResults<S extends SchemaShape, Type extends keyof S['objects']> = {
  readonly [Field in FieldName<S, Type>]: S['objects'][Type]['fields'][Field]['result'];
};

interface MergeBy<S extends SchemaShape, Type extends keyof S['objects'], Key, KeyValue, L> {
  /** The field, or fields, by which every module knows the same entity. */
  readonly key: Key;
  /** The loader that says whether the key exists. Without one, every key does, and only its fields are asked for. */
  readonly load?: EntityLoader<S, Type, KeyValue, L>;
  /** The `cache` of that loader, where the loader itself has none. */
  readonly cache?: CacheOptions;
  /** Fields of other modules that a field here is computed from; its resolver finds them on the parent. */
  readonly needs?: { readonly [Field in FieldName<S, Type>]?: readonly string[] };
}

type MergeOf<S extends SchemaShape, Type extends keyof S['objects'], L> =
  | { [Field in FieldName<S, Type>]: MergeBy<S, Type, Field, FieldResults<S, Type>[Field], L> }[FieldName<S, Type>]
  | MergeBy<S, Type, readonly [FieldName<S, Type>, ...FieldName<S, Type>[]], FieldResults<S, Type>, L>;

export type MergeMap<S extends SchemaShape, L> = {
  readonly [Type in Exclude<keyof S['objects'], 'Query' | 'Mutation'>]?: MergeOf<S, Type, L>;
};

type KnownOption<S extends SchemaShape, Type extends keyof S['objects'], Option, Value> = Option extends 'needs'
  ? { readonly [Field in keyof Value]: Field extends FieldName<S, Type> ? unknown : never }
  : Option extends keyof MergeShape
    ? unknown
    : never;

/** Refuses names that are not there: beside a right one, an inferred type lets them pass. */
export type KnownMerge<S extends SchemaShape, M> = {
  readonly [Type in keyof M]: Type extends Exclude<keyof S['objects'], 'Query' | 'Mutation'>
    ? { readonly [Option in keyof M[Type]]: KnownOption<S, Type, Option, M[Type][Option]> }
    : never;
};

type KeyOf<M, Type> = Type extends keyof M
  ? M[Type] extends { readonly key: infer Key }
    ? Key extends readonly string[]
      ? Key[number]
      : Key
    : never
  : never;

type NeedsOf<S extends SchemaShape, Type, Field> = Type extends keyof S['needs']
  ? Field extends keyof S['needs'][Type]
    ? S['needs'][Type][Field]
    : unknown
  : unknown;

/** A parent as a resolver sees it. Its key fields are there whoever brought it. */
type Parent<S extends SchemaShape, M, Type extends keyof S['objects'], Field> = S['objects'][Type]['source'] &
  NeedsOf<S, Type, Field> & {
    readonly [Key in KeyOf<M, Type> &
      keyof S['objects'][Type]['fields']]-?: S['objects'][Type]['fields'][Key]['result'];
  };

type FieldResolver<ParentRow, Args, Context, Result> = (
  parent: ParentRow,
  args: Args,
  context: Context,
  info: GraphQLResolveInfo,
) => Result | Promise<Result>;

type FieldsOf<S extends SchemaShape, C, L, M, E extends string, Type extends keyof S['objects']> = {
  readonly [Field in keyof S['objects'][Type]['fields']]?:
    | FieldResolver<
        Parent<S, M, Type, Field>,
        S['objects'][Type]['fields'][Field]['args'],
        BackendContext<C, L>,
        S['objects'][Type]['fields'][Field]['result'] | Failure<E> | GivenFailure
      >
    | LoadedField<L, Parent<S, M, Type, Field>, S['objects'][Type]['fields'][Field]['result']>;
};

type ScalarsOf<S extends SchemaShape> = [S['scalars']] extends [never]
  ? unknown
  : string extends S['scalars'] // a module without generated types
    ? unknown
    : { readonly [Name in S['scalars']]: GraphQLScalarType };

type EnumerationOf<E extends EnumShape> = E['internal'] extends InternalValue
  ? Enumeration<E['name'], E['internal']>
  : never;

/** Enums that the module knows by other values than their names: nothing but an enumeration can say which. */
type Renamed<Enums extends SchemaShape['enums']> = {
  [Name in keyof Enums]: Enums[Name]['internal'] extends Enums[Name]['name'] ? never : Name;
}[keyof Enums];

type EnumsOf<S extends SchemaShape> = string extends keyof S['enums'] // a module without generated types
  ? unknown
  : { readonly [Name in Renamed<S['enums']>]: EnumerationOf<S['enums'][Name]> } & {
      readonly [Name in Exclude<keyof S['enums'], Renamed<S['enums']>>]?: EnumerationOf<S['enums'][Name]>;
    };

/** Resolvers by type and field. A field without one is read from its parent. */
export type Resolvers<S extends SchemaShape, C, L, M, E extends string> = {
  readonly [Type in keyof S['objects']]?: FieldsOf<S, C, L, M, E, Type>;
} & ScalarsOf<S> &
  EnumsOf<S>;

export type { LoaderMap };
