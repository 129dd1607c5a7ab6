/** Whether it is an object as JSON makes them: its properties can be read twice, or copied, and are then what they were. */
export const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** A row with other values for some of its properties. Of a class it stays one, but for what only the class itself can see. */
export const withValues = (row: object, values: object): object => {
  const isOfNoClass: boolean = isPlain(row);
  if (isOfNoClass) return { ...row, ...values };
  const properties = { ...Object.getOwnPropertyDescriptors(row), ...Object.getOwnPropertyDescriptors({ ...values }) };
  return Object.create(Object.getPrototypeOf(row), properties);
};
