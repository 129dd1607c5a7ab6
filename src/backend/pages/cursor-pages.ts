import { badInput } from '../define/fail.ts';
import type { RequestedPage } from './page-arguments.ts';
import { cursorOf, positionOf } from './page-cursor.ts';
import type { FetchedRows, Slice, Total } from './slice.ts';

/** Pages by a value of a row: `?starting_after=cus_42&limit=20`. */
export interface CursorPages<Row, OfList extends Total = Total> {
  readonly style: 'cursor';
  /** The value of a row by which the backend continues: its id, or a cursor of its own. */
  readonly cursor: (row: Row) => string;
  /**
   * True if the backend also has pages in front of a value. `fetch` then receives `isBackward`, and returns rows in the
   * order of the list. Default false: forward only.
   */
  readonly backward?: boolean;
  /**
   * True if the values of `cursor` are opaque cursors of the backend: clients then receive them unchanged. Default false:
   * they are encoded.
   */
  readonly isOpaque?: boolean;
  readonly fetch: (page: {
    readonly limit: number;
    readonly after: string | undefined;
    readonly before: string | undefined;
    readonly isBackward: boolean;
  }) => Promise<FetchedRows<Row, OfList>>;
}

const STYLE = 'cursor';

const isText = (values: readonly unknown[]): values is readonly [string] =>
  values.length === 1 && typeof values[0] === 'string';

export const cursorSlice = async <Row>(
  { cursor, backward = false, isOpaque = false, fetch }: CursorPages<Row>,
  page: RequestedPage,
): Promise<Slice<Row>> => {
  const { size, isBackward } = page;
  if (!backward && (isBackward || page.before !== null))
    throw badInput('This list has no pages backward: use first and after.');
  const valueIn = (argument: 'after' | 'before'): string | undefined =>
    (isOpaque ? page[argument] : positionOf(page[argument], { argument, style: STYLE, isValid: isText })?.[0]) ??
    undefined;
  const after = valueIn('after');
  const before = valueIn('before');
  const fetched = await fetch({ limit: size, after, before, isBackward });
  const all = fetched.rows;
  const rows = isBackward ? all.slice(Math.max(0, all.length - size)) : all.slice(0, size);
  const hasMore = all.length > size || (fetched.hasMore ?? all.length === size);
  return {
    rows,
    cursorAt: (index) => {
      const value = cursor(rows[index] as Row); // called for rows that exist
      return isOpaque ? value : cursorOf([STYLE, value]);
    },
    hasNext: isBackward ? before !== undefined : hasMore,
    hasPrevious: isBackward ? hasMore : after !== undefined,
    total: fetched.total ?? null,
  };
};
