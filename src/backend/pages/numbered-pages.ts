import { indexedSlice } from './indexed.ts';
import type { RequestedPage } from './page-arguments.ts';
import type { FetchedRows, Range, Slice, Total } from './slice.ts';

/**
 * Pages by number and size: `?page=3&per_page=20`. Forward and backward; `last` alone needs a `total`. A page that does
 * not begin at a page of the backend costs two calls.
 */
export interface NumberedPages<Row, OfList extends Total = Total> {
  readonly style: 'page';
  /** Number of the first page. Default 1. */
  readonly firstPage?: 0 | 1;
  /** The size of a page if the backend has only one. Default: the requested size. */
  readonly pageSize?: number;
  readonly fetch: (page: { readonly page: number; readonly size: number }) => Promise<FetchedRows<Row, OfList>>;
}

/** Fetches the pages that cover a range, in order, up to a page that is not full. */
const fetchRange = async <Row>(
  { fetch, firstPage = 1, pageSize }: NumberedPages<Row>,
  { start, end }: Range,
): Promise<FetchedRows<Row>> => {
  const size = pageSize ?? end - start;
  const rows: Row[] = [];
  const first = Math.floor(start / size);
  let last: FetchedRows<Row> = { rows };
  for (let page = first; page * size < end; page += 1) {
    last = await fetch({ page: page + firstPage, size });
    rows.push(...last.rows);
    if (last.rows.length < size || last.hasMore === false) break;
  }
  const skipped = start - first * size;
  const isFull = last.rows.length === size;
  return {
    rows: rows.slice(skipped),
    total: last.total,
    hasMore: last.hasMore ?? (last.total == null ? isFull : undefined),
  };
};

export const numberedSlice = <Row>(pages: NumberedPages<Row>, page: RequestedPage): Promise<Slice<Row>> => {
  const { pageSize } = pages;
  if (pageSize !== undefined && !(Number.isInteger(pageSize) && pageSize >= 1))
    throw new RangeError(`connection: pageSize must be a whole number of at least 1, not ${pageSize}.`);
  return indexedSlice('page', (range) => fetchRange(pages, range), page);
};
