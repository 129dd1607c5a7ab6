/** What can stand for a name inside a module. */
export type InternalValue = string | number | bigint | boolean;

/** An enum's internal values, by the names that clients see. */
export class Enumeration<Name extends string = string, Value extends InternalValue = InternalValue> {
  readonly values: Readonly<Record<Name, Value>>;
  /** For the compiler only: an enumeration with more names than the enum is another type. */
  declare readonly name: Name | undefined;

  constructor(values: Readonly<Record<Name, Value>>) {
    this.values = values;
  }
}

/**
 * The values by which the module itself knows an enum of its SDL: `resolvers: { OrderStatus: enumeration({ PENDING: 0, PAID: 1 }) }`.
 *
 * Resolvers return them, and get them as arguments; clients and other modules see the names. `Schema<{ OrderStatus: 0 | 1 }>`
 * says so to the compiler.
 */
export const enumeration = <const Name extends string, const Value extends InternalValue>(
  values: Readonly<Record<Name, Value>>,
): Enumeration<Name, Value> => new Enumeration(values);

export const isEnumeration = (given: unknown): given is Enumeration => given instanceof Enumeration;
