import type { RequestCondition } from './rule.ts';

/** True if a condition reads the operation of a request. */
export const readsOperation = ({ operation, kind, field }: RequestCondition): boolean =>
  operation !== undefined || kind !== undefined || field !== undefined;
