import type { Values } from './plan.ts';

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Lists and input objects are made anew; what else a scalar may be is handed on. */
const copied = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  if (!isPlain(value)) return value;
  const copy: Record<string, unknown> = Object.assign(Object.create(Object.getPrototypeOf(value)), value);
  for (const name of Object.keys(copy)) copy[name] = copied(copy[name]);
  return copy;
};

/**
 * Arguments for one who may change them. Known ones belong to a plan, and default values to the schema: what is done to those is done
 * to every request that comes after.
 */
export const ownArguments = (args: Values): Values => {
  const own: Record<string, unknown> = { ...args };
  for (const name in own) if (typeof own[name] === 'object') own[name] = copied(own[name]);
  return own;
};
