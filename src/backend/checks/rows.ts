import type { KeyOf, SchemaShape } from '../define/schema-types.ts';
import type { Misfit } from './misfit.ts';

type OrNull<Value> = Exclude<Value, undefined> | (undefined extends Value ? null : never);

/**
 * Type of a row's property as the executor reads it: the result of a method; a number as text if a string is expected.
 */
type Read<Value, Want> = Value extends (...args: never) => infer Result
  ? Awaited<Result>
  : Value extends number
    ? [NonNullable<Want>] extends [string]
      ? string extends Want
        ? string
        : Value
      : Value
    : Value;

type MisfitOfField<Row, Field, Want> = Row extends unknown
  ? Field extends keyof Row
    ? unknown extends Row[Field]
      ? never
      : Misfit<Read<OrNull<Row[Field]>, Want>, Want, 'the value of its row'>
    : 'its row has no such property'
  : never;

/**
 * The fields of a type that neither a resolver nor its row provides, each with the reason. A row that the SDL describes
 * has optional fields only and is not checked: its other fields may come from another module. `Shared` are the fields with
 * a resolver of an interface.
 */
export type FieldsMissingInRows<S extends SchemaShape, M, Type extends keyof S['objects'], Resolvers, Shared> =
  // biome-ignore lint/complexity/noBannedTypes: asks whether all fields are optional
  {} extends S['objects'][Type]['source']
    ? never
    : [Exclude<keyof Resolvers, keyof S['objects'][Type]['fields']>] extends [never]
      ? {
          [Field in Exclude<
            keyof S['objects'][Type]['fields'],
            keyof Resolvers | Shared | KeyOf<M, Type>
          >]: MisfitOfField<
            S['objects'][Type]['source'],
            Field,
            S['objects'][Type]['fields'][Field]['result']
          > extends infer Reason extends string
            ? [Reason] extends [never]
              ? never
              : `${Type & string}.${Field & string} needs a resolver: ${Reason}`
            : never;
        }[Exclude<keyof S['objects'][Type]['fields'], keyof Resolvers | Shared | KeyOf<M, Type>>]
      : never;
