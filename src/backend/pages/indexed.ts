import { badInput } from '../define/fail.ts';
import type { RequestedPage } from './page-arguments.ts';
import { cursorOf, positionOf } from './page-cursor.ts';
import type { FetchedRows, Range, Slice } from './slice.ts';

/* Lists whose rows have an index: pages by offset and by number. A cursor is the index of its row. */

/** The largest index: an `Int` of GraphQL and of most backends. */
const MAX_INDEX = 2 ** 31 - 1;

const isIndex = (values: readonly unknown[]): values is readonly [number] =>
  values.length === 1 && Number.isInteger(values[0]) && Number(values[0]) >= 0 && Number(values[0]) <= MAX_INDEX;

/** Fetches the rows of a range, fewer at the end of the list. */
export type FetchRange<Row> = (range: Range) => Promise<FetchedRows<Row>>;

const hasRowsAfter = <Row>({ rows, total, hasMore }: FetchedRows<Row>, { start, end }: Range): boolean => {
  if (hasMore !== undefined) return hasMore;
  return typeof total === 'number' ? start + rows.length < total : rows.length === end - start;
};

/** The total of a page that needs no rows. Costs a call. */
const totalOf = async <Row>(fetch: FetchRange<Row>): Promise<number | null> =>
  (await fetch({ start: 0, end: 1 })).total ?? null;

/** The end of the list for a page that counts from there. */
const endOfList = async <Row>(fetch: FetchRange<Row>): Promise<number> => {
  const total = await totalOf(fetch);
  if (typeof total === 'number') return total;
  throw badInput('last requires before: the length of this list is unknown.');
};

/** Loads a page of a list of rows with an index. */
export const indexedSlice = async <Row>(
  style: string,
  fetch: FetchRange<Row>,
  page: RequestedPage,
): Promise<Slice<Row>> => {
  const after = positionOf(page.after, { argument: 'after', style, isValid: isIndex });
  const before = positionOf(page.before, { argument: 'before', style, isValid: isIndex });
  const first = after === null ? 0 : after[0] + 1;
  const end = before?.[0] ?? (page.isBackward ? await endOfList(fetch) : MAX_INDEX);
  const range = page.isBackward
    ? { start: Math.max(first, end - page.size), end }
    : { start: first, end: Math.min(end, first + page.size) };
  const cursorAt = (index: number): string => cursorOf([style, range.start + index]);
  if (range.start >= range.end)
    return { rows: [], cursorAt, hasNext: false, hasPrevious: first > 0, total: await totalOf(fetch) };

  const fetched = await fetch(range);
  const rows = fetched.rows.slice(0, range.end - range.start);
  // The row of `before`, or the row in front of which a page from the end stops, follows this page.
  const isCut = fetched.rows.length > rows.length || (range.end === end && before !== null);
  return {
    rows,
    cursorAt,
    hasNext: isCut || hasRowsAfter(fetched, range),
    hasPrevious: range.start > 0,
    total: fetched.total ?? null,
  };
};
