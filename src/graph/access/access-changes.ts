import type { AccessRow } from './access-report.ts';
import { type Access, isCertainlyWithin } from './alternatives.ts';

/** A difference of the access to one field, argument, input field or route. */
export interface AccessChange {
  readonly at: string;
  /** Access of other callers than before is `widened`, also if some callers lost theirs, and if that is uncertain. */
  readonly is: 'widened' | 'narrowed' | 'added' | 'removed';
  /** Null for an addition. */
  readonly before: Access | null;
  /** Null for a removal. */
  readonly after: Access | null;
}

const kindOf = (before: Access, after: Access): AccessChange['is'] | null => {
  if (!isCertainlyWithin(after, before)) return 'widened';
  return isCertainlyWithin(before, after) ? null : 'narrowed';
};

/** The changes of access between two reports, in the order of the second; removals come last. */
export const accessChanges = (
  before: readonly Pick<AccessRow, 'at' | 'access'>[],
  after: readonly Pick<AccessRow, 'at' | 'access'>[],
): readonly AccessChange[] => {
  const known = new Map(before.map(({ at, access }) => [at, access]));
  const changes = after.flatMap(({ at, access }): readonly AccessChange[] => {
    const old = known.get(at);
    known.delete(at);
    if (old === undefined) return [{ at, is: 'added', before: null, after: access }];
    const is = kindOf(old, access);
    return is === null ? [] : [{ at, is, before: old, after: access }];
  });
  const removed = [...known].map(([at, access]): AccessChange => ({ at, is: 'removed', before: access, after: null }));
  return [...changes, ...removed];
};
