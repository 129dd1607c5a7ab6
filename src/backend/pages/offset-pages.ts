import { indexedSlice } from './indexed.ts';
import type { RequestedPage } from './page-arguments.ts';
import type { FetchedRows, Slice, Total } from './slice.ts';

/** Pages by offset and limit: `?offset=40&limit=20`. Forward and backward; `last` alone needs a `total`. */
export interface OffsetPages<Row, OfList extends Total = Total> {
  readonly style: 'offset';
  readonly fetch: (page: { readonly offset: number; readonly limit: number }) => Promise<FetchedRows<Row, OfList>>;
}

export const offsetSlice = <Row>({ fetch }: OffsetPages<Row>, page: RequestedPage): Promise<Slice<Row>> =>
  indexedSlice('offset', ({ start, end }) => fetch({ offset: start, limit: end - start }), page);
