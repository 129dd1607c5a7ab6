/** Reads a property of any object, own or inherited. */
export const propertyOf = (value: object, name: PropertyKey): unknown =>
  (value as Readonly<Record<PropertyKey, unknown>>)[name]; // every object can be read by name
