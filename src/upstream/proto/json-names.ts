/** A field with its two names. */
interface Named {
  /** The name that the file spells. */
  readonly name: string;
  readonly jsonName: string;
}

// protoc accepts equal JSON names in proto2, where older code has them. An assignment to __proto__ would be no field.
/**
 * Names of a message's fields in JSON. Fields that would share one keep the name that the file spells, and so does a
 * field that would be called `__proto__`.
 */
export const jsonNames = <Field extends Named>(fields: readonly Field[]): ReadonlyMap<Field, string> => {
  const sharing = Map.groupBy(fields, ({ jsonName }) => jsonName);
  return new Map(
    fields.map((field) => {
      const isUsable = sharing.get(field.jsonName)?.length === 1 && field.jsonName !== '__proto__';
      return [field, isUsable ? field.jsonName : field.name];
    }),
  );
};
