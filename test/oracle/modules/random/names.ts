import type { ObjectModel } from '../model.ts';

export const BUILT_IN = ['ID', 'String', 'String', 'Int', 'Int', 'Float', 'Boolean', 'DateTime', 'JSON'];
export const ROOT_TYPES: ReadonlySet<string> = new Set(['Query', 'Mutation']);
export const SHARED = ['Status', 'Status', 'Stamp', 'Stamp', 'Color'];

/** True if rows may consist of their keys only. */
export const hasStubs = ({ merge }: ObjectModel): boolean => merge?.some(({ load }) => load === null) === true;
