import { isPlain } from './plain.ts';
import type { Values } from './plan.ts';

/** What is one caller's own already, and need not be made anew. */
type Owned = ReadonlySet<unknown>;

const NOTHING: Owned = new Set();

/** Lists and input objects are made anew; what else a scalar may be is handed on. */
const copied = (value: unknown, owned: Owned): unknown => {
  if (typeof value !== 'object' || value === null || owned.has(value)) return value;
  if (Array.isArray(value)) return value.map((item) => copied(item, owned));
  if (!isPlain(value)) return value;
  // Not by assignment: a scalar may take an object with a key `__proto__` from a client.
  const copy = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copied(inner, owned)]));
  return Object.getPrototypeOf(value) === null ? Object.setPrototypeOf(copy, null) : copy;
};

/**
 * Arguments, or variables, for one who may change them. Known ones belong to a plan, and default values to the schema: what is done to
 * those is done to every request that comes after.
 *
 * Variables of one request, in `owned`, are handed on as graphql-js does it, and not copied for each row: a client may send as many
 * values as a body has room for.
 */
export const ownArguments = (args: Values, owned: Owned = NOTHING): Values => {
  const own: Record<string, unknown> = { ...args };
  for (const name in own) if (typeof own[name] === 'object') own[name] = copied(own[name], owned);
  return own;
};
