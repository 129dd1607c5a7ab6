/**
 * A property of whatever it is, as `Reflect.get` reads it, and several times as fast: V8 remembers where objects of a shape keep
 * theirs.
 */
export const propertyOf = (value: object, name: PropertyKey): unknown =>
  (value as Readonly<Record<PropertyKey, unknown>>)[name]; // whatever an object has can be read of it
