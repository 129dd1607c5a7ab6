import type { Principal } from '../../request/request-context.ts';
import type { GraphqlClient } from '../bind/graphql-client.ts';
import type { GrpcClient } from '../bind/grpc-client.ts';
import type { Poll } from '../poll/poll.ts';
import type { RestClient } from '../rest/rest-client.ts';
import type { Batch, CacheOptions } from './batch.ts';
import type { LoaderMap } from './loaded.ts';
import type { GraphqlUpstream, GrpcUpstream } from './upstream-options.ts';

/** Shape of the type `Schema` that codegen writes from a module's SDL and .proto files into schema.generated.ts. */
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
  readonly fields: Readonly<Record<string, FieldShape>>;
}

/** `caller` is present if the SDL admits no anonymous callers to the field. */
interface FieldShape {
  readonly args: unknown;
  readonly result: unknown;
  readonly caller?: 'user';
}

/** Type of the principal in a resolver of the field. */
export type CallerOf<Field> = Field extends { readonly caller: 'user' }
  ? Exclude<Principal, { readonly kind: 'anonymous' }>
  : Principal;

interface EnumShape {
  readonly name: string;
  readonly internal: unknown;
}

/**
 * Type of the module's rows of `Name`, or of the internal values of the enum `Name`: as declared in `Schema<{ Name: Row
 * }>`, else as derived from the SDL.
 */
export type Source<Rows, Name extends string, FromSdl> = Name extends keyof Rows ? Rows[Name] : FromSdl;

/** Clients of the module's upstreams, for resolvers and loaders. */
export type Clients<S extends SchemaShape, U> = {
  readonly [Name in keyof U]: U[Name] extends GrpcUpstream<infer Service>
    ? Service extends keyof S['services']
      ? GrpcClient<S['services'][Service]>
      : // biome-ignore lint/suspicious/noExplicitAny: the service is not known, which is an error of its own
        any
    : U[Name] extends GraphqlUpstream
      ? GraphqlClient
      : RestClient;
};

/** A loader in a resolver: DataLoader's interface, bound to this request. */
export interface Loader<Key, Value> {
  /** Keys requested in one tick are loaded by one call, and each key once per request. */
  load(key: Key): Promise<Value>;
  /** Failed keys have an Error as their value. */
  loadMany(keys: readonly Key[]): Promise<(Value | Error)[]>;
}

export type Loaders<L> = {
  readonly [Name in keyof L]: L[Name] extends Batch<infer Key, infer Value>
    ? Loader<Key, Value>
    : // biome-ignore lint/suspicious/noExplicitAny: no batch, which is an error of its own
      any;
};

/** The context of any module, where its clients and loaders are not known to the compiler. */
export type AnyContext = BackendContext<Readonly<Record<string, unknown>>, LoaderMap>;

/** The third argument of a resolver. Of other modules it contains nothing. */
export interface BackendContext<C, L, Caller = Principal> {
  readonly clients: C;
  readonly loaders: Loaders<L>;
  /** The caller; never anonymous in a field with `@authenticated` or `@requiresScopes`. */
  readonly principal: Caller;
  readonly requestId: string;
  /**
   * Derives a key of this caller for a message field from a client's key: equal for equal keys of one user of this
   * module, different for every other user. Anonymous requests each have different keys.
   */
  readonly scopedKey: (key: string) => string;
  /** Aborted when the request has ended. Clients and loaders already observe it. */
  readonly signal: AbortSignal;
  /** Reads a long-running operation until it is done: `poll({ read, isDone })`. Ends with the request. */
  readonly poll: Poll;
}

/**
 * Decides for `@policy(policies: [["name"]])` whether the caller may have a field with these arguments, once for all
 * rows and before anything is fetched. Only `true` admits. `context` has the clients and loaders of the policy's module,
 * bound to the request. `role:<name>` needs no policy: it requires a role of the principal.
 */
export type Policy<Context = AnyContext> = (
  principal: Principal,
  args: Readonly<Record<string, unknown>>,
  context: Context,
) => boolean | Promise<boolean>;

/**
 * The third argument of the resolvers of a module, for functions outside `defineBackend`: `Context<Schema, typeof
 * upstreams, typeof loaders>`.
 */
export type Context<S extends SchemaShape, U = Record<never, never>, L = () => Record<never, never>> = BackendContext<
  Clients<S, U>,
  L extends (...clients: never) => infer Made ? Made : never
>;

/** Row of an object type: `Row<Schema, 'Product'>`. */
export type RowOf<S extends SchemaShape, Type extends keyof S['objects']> = S['objects'][Type]['source'];

/** A key by which a module joins a type. */
export interface KeyShape {
  /** Key fields; `[]` for a namespace, a type with one value. */
  readonly key: string | readonly string[];
  readonly load?: string;
  readonly cache?: CacheOptions;
}

/** How a type with fields of several modules is joined: by one key, or by several in the order of preference. */
export type MergeShape = (KeyShape | { readonly keys: readonly KeyShape[] }) & {
  readonly needs?: Readonly<Record<string, readonly string[]>>;
};

/** The field names of a key. */
export type FieldsOf<Key> = Key extends readonly string[] ? Key[number] : Key;

/** The fields that all keys of a list have. */
type SharedKeyFields<Keys> = Keys extends readonly [{ readonly key: infer Key }, ...infer More]
  ? More extends readonly []
    ? FieldsOf<Key>
    : FieldsOf<Key> & SharedKeyFields<More>
  : never;

/** The key fields that every row of a type has: with several keys, those of all of them. */
export type KeyOf<M, Type> = Type extends keyof M
  ? M[Type] extends { readonly key: infer Key }
    ? FieldsOf<Key>
    : M[Type] extends { readonly keys: infer Keys }
      ? SharedKeyFields<Keys>
      : never
  : never;

/** Existing key fields. For an invalid merge these are all fields, so that the merge is the only error. */
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

/** Type of a parent in a resolver. Its key fields are always present. */
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
