/** Whether it is an object as JSON makes them: its properties can be read twice, or copied, and are then what they were. */
export const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
