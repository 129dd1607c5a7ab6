import type { Values } from '../plan/plan.ts';
import { isPlain } from './values.ts';

/** Values that belong to one request already and need no copy. */
type Owned = ReadonlySet<unknown>;

const NOTHING: Owned = new Set();

/** Copies lists and input objects; other values of scalars are passed on. */
const copied = (value: unknown, owned: Owned): unknown => {
  if (typeof value !== 'object' || value === null || owned.has(value)) return value;
  if (Array.isArray(value)) return value.map((item) => copied(item, owned));
  if (!isPlain(value)) return value;
  // Not by assignment: a scalar may accept an object with a key `__proto__` from a client.
  const copy = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copied(inner, owned)]));
  return Object.getPrototypeOf(value) === null ? Object.setPrototypeOf(copy, null) : copy;
};

/**
 * Copies arguments or variables so that a resolver may change them. Constant arguments belong to the plan and default
 * values to the schema: a change to those would affect later requests.
 *
 * Variables of the request, in `owned`, are not copied, as in graphql-js: a client can send many values, and there may
 * be a copy for each row.
 */
export const ownArguments = (args: Values, owned: Owned = NOTHING): Values => {
  const own: Record<string, unknown> = { ...args };
  for (const name in own) if (typeof own[name] === 'object') own[name] = copied(own[name], owned);
  return own;
};
