/**
 * Whether a value is an object as JSON.parse makes them: without a class, and therefore safe to read twice or to copy.
 */
export const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Copies a row with some properties replaced. Class instances keep their prototype; private fields are not copied. */
export const withValues = (row: object, values: object): object => {
  const isOfNoClass: boolean = isPlain(row);
  if (isOfNoClass) return { ...row, ...values };
  const properties = { ...Object.getOwnPropertyDescriptors(row), ...Object.getOwnPropertyDescriptors({ ...values }) };
  return Object.create(Object.getPrototypeOf(row), properties);
};
