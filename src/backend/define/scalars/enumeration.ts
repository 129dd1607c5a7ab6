/** Type of an enum's internal value. */
export type InternalValue = string | number | bigint | boolean;

/** Internal values of an enum, by their public names. */
export class Enumeration<Name extends string = string, Value extends InternalValue = InternalValue> {
  readonly values: Readonly<Record<Name, Value>>;
  /** For the compiler only: it distinguishes enumerations with surplus names. */
  declare readonly name: Name | undefined;

  constructor(values: Readonly<Record<Name, Value>>) {
    this.values = values;
  }
}

/**
 * Declares the internal values of an enum of the module: `resolvers: { OrderStatus: enumeration({ PENDING: 0, PAID: 1
 * }) }`.
 *
 * Resolvers return internal values and receive them as arguments; clients and other modules see the names. Declare
 * their type in `Schema<{ OrderStatus: 0 | 1 }>`.
 */
export const enumeration = <const Name extends string, const Value extends InternalValue>(
  values: Readonly<Record<Name, Value>>,
): Enumeration<Name, Value> => new Enumeration(values);

export const isEnumeration = (given: unknown): given is Enumeration => given instanceof Enumeration;
