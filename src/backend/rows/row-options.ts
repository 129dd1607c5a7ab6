import type { z } from 'zod';
import { type Fix, group, listOption, oneOfOption, option, textFix } from '../../upstream/option-kinds.ts';
import { CASES } from './row-names.ts';

const namesFix: Fix = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((name) => textFix(name) === null)
    ? null
    : "use an object with names, as in { fullName: 'display_name' }";

export const ROWS = group({
  /**
   * Property of a JSON response that has its value: `'data'`, or `'result.items'`. A response without it is
   * UPSTREAM_BAD_RESPONSE. Default none.
   */
  envelope: option<string>(textFix).optional(),
  /** Case of the backend's property names: `full_name` is `snake`, `full-name` `kebab`, `FullName` `pascal`. Default none: names are the same. */
  case: oneOfOption(...CASES).optional(),
  /** Names of the backend that differ in another way, by the module's: `{ fullName: 'display_name' }`. Default none. */
  names: option<Readonly<Record<string, string>>>(namesFix).optional(),
  /** Properties that are left as they are, with all that they contain: objects with ids as names. Default none. */
  unchanged: listOption<string>(textFix).optional(),
});

/** How JSON of an upstream differs from the rows of a module. */
export interface Rows extends z.input<typeof ROWS> {}
