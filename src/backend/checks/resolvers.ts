import type { GraphQLResolveInfo, GraphQLScalarType } from 'graphql';
import type { Failure, GivenCode } from '../define/fail.ts';
import type { Loaded } from '../define/loaded.ts';
import type { Enumeration } from '../define/scalars/enumeration.ts';
import type {
  BackendContext,
  CallerOf,
  FieldsOf,
  KnownKey,
  Parent,
  Results,
  SchemaShape,
} from '../define/schema-types.ts';
import type { Remote } from '../remote/remote.ts';
import type { CheckedLoaded } from './loaded.ts';
import type { CommonFields, Inherited, MemberField, MemberParent, MembersOf } from './member-fields.ts';
import type { IsAny, Misfit } from './misfit.ts';
import type { Problem, ProblemIf } from './problem.ts';
import type { FieldsMissingInRows } from './rows.ts';

type UndeclaredIn<Result, Code> = Result extends Failure<infer Given> ? Exclude<Given, Code | GivenCode> : never;

/** Entities with a loader: the gateway completes references to them. */
type References<S extends SchemaShape, M> = {
  [Type in keyof M & keyof S['objects']]: M[Type] extends { readonly load: unknown }
    ? { readonly row: S['objects'][Type]['source']; readonly key: Results<S, Type, KnownKey<S, M, Type>> }
    : M[Type] extends { readonly keys: readonly (infer One)[] }
      ? ReferenceBy<S, Type, One>
      : never;
}[keyof M & keyof S['objects']];

/** Distributes over several keys. */
type ReferenceBy<S extends SchemaShape, Type extends keyof S['objects'], One> = One extends {
  readonly load: unknown;
  readonly key: infer Key;
}
  ? {
      readonly row: S['objects'][Type]['source'];
      readonly key: Results<S, Type, FieldsOf<Key> & keyof S['objects'][Type]['fields']>;
    }
  : never;

type MisfitOfResult<Result, Want, Code, Known> =
  IsAny<Result> extends true
    ? never
    : [UndeclaredIn<Result, Code>] extends [never]
      ? Misfit<Exclude<Result, Failure<string>>, Want, '', Known>
      : `\`errors\` does not declare ${UndeclaredIn<Result, Code>}`;

/** The types of the service are compared at the start, with its SDL. */
type CheckedRemote<At extends string, Context, Upstream extends string> = Context extends { readonly clients: infer C }
  ? Upstream extends keyof C
    ? unknown
    : Problem<`${At}: unknown upstream ${Upstream}`>
  : unknown;

type CheckedField<
  At extends string,
  ParentRow,
  Field extends { readonly args: unknown; readonly result: unknown },
  Context,
  L,
  Code,
  Given,
  Known,
> =
  Given extends Loaded<infer Name, infer Key, infer Result>
    ? CheckedLoaded<At, L, ParentRow, Field['result'], Name, Key, Result, Known>
    : Given extends Remote<infer Upstream>
      ? CheckedRemote<At, Context, Upstream>
      : Given extends (...args: never) => unknown
        ? Given extends (
            parent: ParentRow,
            args: Field['args'],
            context: Context,
            info: GraphQLResolveInfo,
          ) => infer Result
          ? ProblemIf<MisfitOfResult<Awaited<Result>, Field['result'], Code, Known>, `${At}: `>
          : Problem<`${At}: a parameter has a type that differs from the SDL`>
        : Problem<`${At}: neither a function nor loaded()`>;

type CheckedFields<S extends SchemaShape, C, L, M, Code, Type extends keyof S['objects'], Given> = Given extends object
  ? {
      readonly [Field in keyof Given]: Field extends keyof S['objects'][Type]['fields']
        ? CheckedField<
            `${Type & string}.${Field & string}`,
            Parent<S, M, Type, Field>,
            S['objects'][Type]['fields'][Field],
            BackendContext<C, L, CallerOf<S['objects'][Type]['fields'][Field]>>,
            L,
            Code,
            Given[Field],
            References<S, M>
          >
        : Problem<`the SDL has no field ${Type & string}.${Field & string}`>;
    }
  : Problem<`${Type & string}: not an object of resolvers by field`>;

/** Problems of a result with the field of each type. */
type MisfitOfMembers<S extends SchemaShape, M, Code, Member, Field, Given> = Member extends keyof S['objects']
  ? Field extends keyof S['objects'][Member]['fields']
    ? Given extends (...args: never) => infer Result
      ? MisfitOfResult<Awaited<Result>, S['objects'][Member]['fields'][Field]['result'], Code, References<S, M>>
      : never
    : never
  : never;

type CheckedInterface<
  S extends SchemaShape,
  C,
  L,
  M,
  Code,
  Type extends keyof S['abstracts'],
  Given,
> = Given extends object
  ? {
      readonly [Field in keyof Given]: Field extends CommonFields<S, Type>
        ? [MisfitOfMembers<S, M, Code, MembersOf<S, Type>, Field, Given[Field]>] extends [never]
          ? CheckedField<
              `${Type & string}.${Field}`,
              MemberParent<S, M, MembersOf<S, Type>, Field>,
              MemberField<S, Type, Field>,
              BackendContext<C, L>,
              L,
              Code,
              Given[Field],
              References<S, M>
            >
          : ProblemIf<
              MisfitOfMembers<S, M, Code, MembersOf<S, Type>, Field, Given[Field]>,
              `${Type & string}.${Field}: `
            >
        : Problem<`the SDL has no field ${Type & string}.${Field & string}`>;
    }
  : Problem<`${Type & string}: not an object of resolvers by field`>;

type CheckedEnum<At extends string, Name, Internal, Given> =
  Given extends Enumeration<infer GivenName, infer Value>
    ? [Exclude<Name, GivenName>] extends [never]
      ? [Exclude<GivenName, Name>] extends [never]
        ? [Value] extends [Internal]
          ? unknown
          : Problem<`${At}: Schema<{ ${At}: … }> does not have the value ${Exclude<Value, Internal> & (string | number)}`>
        : Problem<`${At}: the SDL has no value ${Exclude<GivenName, Name> & string}`>
      : Problem<`${At}: the enumeration is missing ${Exclude<Name, GivenName> & string}`>
    : Problem<`${At}: not an enumeration({ … })`>;

type CheckedType<S extends SchemaShape, C, L, M, Code, Type, Given> = Type extends keyof S['objects']
  ? CheckedFields<S, C, L, M, Code, Type, Given>
  : Type extends S['scalars']
    ? Given extends GraphQLScalarType
      ? unknown
      : Problem<`${Type}: not a scalar({ parse, serialize })`>
    : Type extends keyof S['enums']
      ? CheckedEnum<Type & string, S['enums'][Type]['name'], S['enums'][Type]['internal'], Given>
      : Type extends keyof S['abstracts']
        ? CheckedInterface<S, C, L, M, Code, Type, Given>
        : Problem<`the SDL of this module has no type ${Type & string}`>;

/** Checks resolvers by type and field: `unknown` for each valid one, else the problem. */
export type CheckedResolvers<S extends SchemaShape, C, L, M, Code, Given> = {
  readonly [Type in keyof Given]: CheckedType<S, C, L, M, Code, Type, Given[Type]>;
};

/** Enums with internal values that differ from their names. */
type Renamed<Enums extends SchemaShape['enums']> = {
  [Name in keyof Enums]: Enums[Name]['internal'] extends Enums[Name]['name'] ? never : Name;
}[keyof Enums];

/**
 * Names that are not in the SDL. A misspelled name would also report the intended one as missing, so it suppresses that
 * report.
 */
type Unknown<S extends SchemaShape, Given> = Exclude<
  keyof Given,
  keyof S['objects'] | keyof S['abstracts'] | S['scalars'] | keyof S['enums']
>;

/** The scalars, enums and fields that need a resolver and have none. */
export type Lacking<S extends SchemaShape, M, Given> = [Unknown<S, Given>] extends [never]
  ? [Exclude<S['scalars'], keyof Given>] extends [never]
    ? [Exclude<Renamed<S['enums']>, keyof Given>] extends [never]
      ? {
          [Type in keyof S['objects']]: FieldsMissingInRows<
            S,
            M,
            Type,
            Type extends keyof Given ? Given[Type] : unknown,
            Inherited<S, Given, Type>
          >;
        }[keyof S['objects']]
      : `${Exclude<Renamed<S['enums']>, keyof Given> & string} needs a resolver: enumeration({ … })`
    : `${Exclude<S['scalars'], keyof Given>} needs a resolver: scalar({ parse, serialize })`
  : never;
