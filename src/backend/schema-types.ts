import type { Batch, CacheOptions } from './batch.ts';
import type { GrpcClient } from './grpc-client.ts';
import type { LoaderMap } from './loaded.ts';
import type { Principal } from './request-context.ts';
import type { RestClient } from './rest-client.ts';
import type { GrpcUpstream } from './upstreams.ts';

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

/** The module's upstreams as a resolver or loader sees them. */
export type Clients<S extends SchemaShape, U> = {
  readonly [Name in keyof U]: U[Name] extends GrpcUpstream<infer Service>
    ? Service extends keyof S['services']
      ? GrpcClient<S['services'][Service]>
      : // biome-ignore lint/suspicious/noExplicitAny: the service is not known, which is an error of its own
        any
    : RestClient;
};

/** A loader as a resolver sees it: DataLoader's, bound to this request. */
export interface Loader<Key, Value> {
  /** Keys asked for in one wave are loaded with one call, and each key once a request. */
  load(key: Key): Promise<Value>;
  /** Errors stand in the place of the keys that failed. */
  loadMany(keys: readonly Key[]): Promise<(Value | Error)[]>;
}

export type Loaders<L> = {
  readonly [Name in keyof L]: L[Name] extends Batch<infer Key, infer Value>
    ? Loader<Key, Value>
    : // biome-ignore lint/suspicious/noExplicitAny: no batch, which is an error of its own
      any;
};

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

/** The key fields of a type. */
export type KeyOf<M, Type> = Type extends keyof M
  ? M[Type] extends { readonly key: infer Key }
    ? Key extends readonly string[]
      ? Key[number]
      : Key
    : never
  : never;

/** Key fields that are there. A merge with a mistake in it has all: the mistake is the only error. */
export type KnownKey<S extends SchemaShape, M, Type extends keyof S['objects']> = [
  Exclude<keyof M, keyof S['objects']> | Exclude<KeyOf<M, Type>, keyof S['objects'][Type]['fields']>,
] extends [never]
  ? KeyOf<M, Type> & keyof S['objects'][Type]['fields']
  : keyof S['objects'][Type]['fields'];

type NeedsOf<S extends SchemaShape, Type, Field> = Type extends keyof S['needs']
  ? Field extends keyof S['needs'][Type]
    ? S['needs'][Type][Field]
    : unknown
  : unknown;

export type Results<
  S extends SchemaShape,
  Type extends keyof S['objects'],
  Names extends keyof S['objects'][Type]['fields'],
> = {
  readonly [Name in Names]-?: S['objects'][Type]['fields'][Name]['result'];
};

/** A parent as a resolver sees it. Its key fields are always there. */
export type Parent<S extends SchemaShape, M, Type extends keyof S['objects'], Field> =
  // `infer` leaves this type without a name: the compiler's messages would show the name with all its arguments.
  S['objects'][Type]['source'] extends infer Row
    ? unknown extends Row
      ? Row
      : [KnownKey<S, M, Type>] extends [never]
        ? Row & NeedsOf<S, Type, Field>
        : Row & NeedsOf<S, Type, Field> & Results<S, Type, KnownKey<S, M, Type>>
    : never;

export type { LoaderMap };
