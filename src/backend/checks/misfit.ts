export type IsAny<Type> = 0 extends 1 & Type ? true : false;

type Scalar = string | number | bigint | boolean | symbol | null | undefined;
type List = readonly unknown[];
// biome-ignore lint/suspicious/noExplicitAny: any function
type Callable = (...args: any) => any;

/** Name of a type in one or two words. A union has one name, so that it yields one message. */
type Named<Type> = [Type] extends [null | undefined]
  ? 'null'
  : [NonNullable<Type>] extends [infer Value]
    ? [Value] extends [string]
      ? string extends Value
        ? 'string'
        : 'a value of the enum'
      : [Value] extends [number | bigint]
        ? number extends Value
          ? 'number'
          : bigint extends Value
            ? 'bigint'
            : 'a value of the enum'
        : [Value] extends [boolean]
          ? 'boolean'
          : [Value] extends [Date | string]
            ? 'Date or string'
            : [Value] extends [List]
              ? 'a list'
              : [Value] extends [PromiseLike<unknown>]
                ? 'a promise'
                : [Value] extends [Callable]
                  ? 'a function'
                  : [Value] extends [object]
                    ? 'an object'
                    : 'another scalar'
    : never;

/** A literal as written; any other type by name. */
type Literal<Type> = [Type] extends [string]
  ? string extends Type
    ? 'string'
    : `'${Type}'`
  : [Type] extends [number]
    ? number extends Type
      ? 'number'
      : `${Type}`
    : Named<Type>;

type Place<At extends string> = At extends '' ? 'the result' : At;

type Leaf<Got, Want, At extends string> = `${Place<At>} is ${Literal<Got>}, not ${Named<Want>}`;

type ItemOf<Type> = Type extends readonly (infer Item)[] ? Item : never;
type ObjectIn<Want> = Want extends Scalar | List | Callable ? never : Want;
type ListIn<Want> = Want extends List ? Want : never;

/**
 * The member of a union with the same `__typename`. A type without `__typename` is returned unchanged.
 */
type MemberFor<Got, Want> = Want extends { readonly __typename: infer Name }
  ? Got extends { readonly __typename: Name }
    ? Want
    : never
  : Want;

type Dotted<At extends string, Name> = At extends '' ? Name & string : `${At}.${Name & string}`;

/** An entity that the gateway completes: a row with its key fields is a valid row. */
export interface Reference {
  readonly row: unknown;
  readonly key: object;
}

/**
 * Names of properties that have a value. The compiler adds the names of all literals in a list to each, as undefined.
 */
type Present<Got> = { [Name in keyof Got]-?: [Got[Name]] extends [undefined] ? never : Name }[keyof Got];

type IsReference<Got, Want, References> = true extends (
  References extends Reference
    ? Want extends References['row']
      ? Got extends References['key']
        ? [Exclude<Present<Got>, keyof References['key'] | '__typename'>] extends [never]
          ? true
          : never
        : never
      : never
    : never
)
  ? true
  : false;

type TypeNames<Want> = Want extends { readonly __typename: infer Name } ? Name : never;

/** A row with one of several names in `__typename` is checked once for each name. */
type MisfitOfNamed<Got, Name extends string, Want, At extends string, References> =
  Name extends TypeNames<Want>
    ? MisfitOfObject<Got & { readonly __typename: Name }, Want, At, References>
    : `${Dotted<At, '__typename'>} is '${Name}', not a possible type`;

type MisfitOfObject<Got, Want, At extends string, References> = [MemberFor<Got, Want>] extends [never]
  ? Got extends { readonly __typename: infer Name extends string }
    ? MisfitOfNamed<Got, Name, Want, At, References>
    : `${Dotted<At, '__typename'>} is missing`
  : IsReference<Got, MemberFor<Got, Want>, References> extends true
    ? never
    : MisfitOfMember<Got, MemberFor<Got, Want>, At, References>;

/** An undefined property of a row is null. */
type OrNull<Value> = Exclude<Value, undefined> | (undefined extends Value ? null : never);

type MisfitOfMember<Got, Want, At extends string, References> = [keyof Got & keyof Want] extends [never]
  ? `${Place<At>} has no field of its type`
  : {
      [Name in keyof Want]-?: Name extends keyof Got
        ? Misfit<OrNull<Got[Name]>, Required<Want>[Name], Dotted<At, Name>, References>
        : // biome-ignore lint/complexity/noBannedTypes: asks whether the field is optional
          {} extends Pick<Want, Name>
          ? never
          : `${Dotted<At, Name>} is missing`;
    }[keyof Want];

type MisfitOfPart<Got, Want, At extends string, References> = Got extends unknown
  ? [Got] extends [Want]
    ? never
    : Got extends Scalar | Callable | PromiseLike<unknown>
      ? Leaf<Got, Want, At>
      : Got extends List
        ? [ListIn<Want>] extends [never]
          ? Leaf<Got, Want, At>
          : Misfit<ItemOf<Got>, ItemOf<ListIn<Want>>, `${At}[]`, References>
        : [ObjectIn<Want>] extends [never]
          ? Leaf<Got, Want, At>
          : MisfitOfObject<Got, ObjectIn<Want>, At, References>
  : never;

/** The invalid parts of a value as text: `[].id is number, not string`. Never for a valid value. */
export type Misfit<Got, Want, At extends string = '', References = never> =
  IsAny<Got> extends true
    ? never
    : [Got] extends [Want]
      ? never
      : [MisfitOfPart<NonNullable<Got>, Want, At, References>] extends [never]
        ? [Got & (null | undefined)] extends [Want]
          ? never
          : Leaf<null, Want, At>
        : MisfitOfPart<NonNullable<Got>, Want, At, References>;
