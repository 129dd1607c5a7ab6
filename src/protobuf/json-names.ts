/** A field with its two names. */
interface Named {
  /** Name as written in the file. */
  readonly name: string;
  readonly jsonName: string;
}

// protoc accepts equal JSON names in proto2, where older code has them. Assigning to __proto__ would not create a
// property.
/**
 * Returns the JSON names of a message's fields. Fields with equal JSON names keep the name as written in the file, and
 * so does a field with the JSON name `__proto__`.
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
