import type { Batch, CacheOptions } from '../define/batch.ts';
import type { LoaderKey, LoaderValue } from '../define/loaded.ts';
import type { SchemaShape } from '../define/schema-types.ts';
import type { Anything } from './context.ts';
import type { Misfit } from './misfit.ts';
import type { Problem, ProblemIf } from './problem.ts';

type Fields<S extends SchemaShape, Type extends keyof S['objects']> = S['objects'][Type]['fields'];

/** Names for completion in an editor, and literals for inference. Every value is assignable to it. */
export type MergeContext<S extends SchemaShape> = {
  readonly [Type in Exclude<keyof S['objects'], 'Query' | 'Mutation'>]?:
    | {
        /** The field or fields that identify an entity in every module; `[]` for a namespace, which has one value. */
        readonly key?: keyof Fields<S, Type> | readonly (keyof Fields<S, Type>)[] | Anything;
        /** Several keys, each with its own `load`, instead of `key`. The first that rows have is used. */
        readonly keys?: readonly (
          | {
              readonly key?: keyof Fields<S, Type> | readonly (keyof Fields<S, Type>)[] | Anything;
              readonly load?: Anything;
              readonly cache?: CacheOptions | Anything;
            }
          | Anything
        )[];
        /**
         * The loader that decides whether a key exists. Without it, every key exists, and only the module's fields are
         * loaded.
         */
        readonly load?: Anything;
        /** The `cache` of that loader, if the loader itself declares none. */
        readonly cache?: CacheOptions | Anything;
        /**
         * Fields of other modules that a field is computed from. Its resolver finds them on the parent. Each is a text in
         * GraphQL's notation: `weight`, `price { units }`, `five: rating(scale: 5)`.
         */
        readonly needs?: { readonly [Field in keyof Fields<S, Type>]?: Anything } | Anything;
      }
    | Anything;
};

type KeyFields<Key> = Key extends readonly (infer Field)[] ? Field : Key;

type CheckedKey<At extends string, Known, Key> = Key extends string | readonly [] | readonly [string, ...string[]]
  ? [Exclude<KeyFields<Key>, Known>] extends [never]
    ? unknown
    : Problem<`${At} has no field ${Exclude<KeyFields<Key>, Known> & string} to use as its key`>
  : Problem<`${At}: a key is the name of a field, or a list of names`>;

type Result<F, Field> = Field extends keyof F
  ? F[Field] extends { readonly result: infer Value }
    ? Value
    : never
  : never;

type Values<F, Key> = { readonly [Field in KeyFields<Key> & string]: Result<F, Field> };

/**
 * The reason for which a loader does not accept a key; never for a valid key. A loader may use some fields of a
 * composite key.
 */
type MisfitOfKey<F, Key, Wanted> = Key extends string
  ? Misfit<Result<F, Key>, Wanted, Key>
  : [Wanted] extends [object]
    ? Misfit<Pick<Values<F, Key>, keyof Values<F, Key> & keyof Wanted>, Wanted, 'its key'>
    : 'its key is an object, not a scalar';

type CheckedLoad<At extends string, F, Row, Key, L, Name> = Name extends keyof L
  ? L[Name] extends Batch<never, unknown> // any other value is reported at the loader
    ? ProblemIf<
        [MisfitOfKey<F, Key, LoaderKey<L[Name]>>] extends [never]
          ? Misfit<LoaderValue<L[Name]>, Row | null, 'its row'>
          : MisfitOfKey<F, Key, LoaderKey<L[Name]>>,
        `${At} by ${Name & string}: `
      >
    : unknown
  : Problem<`${At}: unknown loader ${Name & string}`>;

type CheckedNeeds<At extends string, Known, Needs> = {
  readonly [Field in keyof Needs]: Field extends Known
    ? readonly string[]
    : Problem<`needs: ${At} has no field ${Field & string}`>;
};

type OptionOf<Merge, Option> = Option extends keyof Merge ? Merge[Option] : never;

type CheckedOption<
  S extends SchemaShape,
  Type extends keyof S['objects'],
  L,
  Merge,
  Option extends keyof Merge,
> = Option extends 'key'
  ? CheckedKey<Type & string, keyof Fields<S, Type>, Merge[Option]>
  : Option extends 'load'
    ? CheckedLoad<
        Type & string,
        Fields<S, Type>,
        S['objects'][Type]['source'],
        OptionOf<Merge, 'key'>,
        L,
        Merge[Option]
      >
    : Option extends 'cache'
      ? CacheOptions
      : Problem<`merge has no option ${Option & string}`>;

/** Each of several keys. */
type CheckedKeys<S extends SchemaShape, Type extends keyof S['objects'], L, Keys> = {
  readonly [At in keyof Keys]: 'key' extends keyof Keys[At]
    ? { readonly [Option in keyof Keys[At]]: CheckedOption<S, Type, L, Keys[At], Option> }
    : Problem<`${Type & string} needs a key`>;
};

type CheckedEntity<S extends SchemaShape, Type extends keyof S['objects'], L, Merge> = 'keys' extends keyof Merge
  ? {
      readonly [Option in keyof Merge]: Option extends 'keys'
        ? CheckedKeys<S, Type, L, Merge[Option]>
        : Option extends 'needs'
          ? CheckedNeeds<Type & string, keyof Fields<S, Type>, Merge[Option]>
          : Problem<`${Type & string} has keys: move ${Option & string} into one of them`>;
    }
  : 'key' extends keyof Merge
    ? {
        readonly [Option in keyof Merge]: Option extends 'needs'
          ? CheckedNeeds<Type & string, keyof Fields<S, Type>, Merge[Option]>
          : CheckedOption<S, Type, L, Merge, Option>;
      }
    : Problem<`${Type & string} needs a key`>;

/** Checks merges by type: `unknown` for each valid part, else the problem. */
export type CheckedMerge<S extends SchemaShape, L, M> = {
  readonly [Type in keyof M]: Type extends Exclude<keyof S['objects'], 'Query' | 'Mutation'>
    ? CheckedEntity<S, Type, L, M[Type]>
    : Problem<`merge: the SDL has no entity type ${Type & string}`>;
};
