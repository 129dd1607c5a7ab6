import { badInput } from '../define/fail.ts';
import { type CursorPages, cursorSlice } from './cursor-pages.ts';
import { type NumberedPages, numberedSlice } from './numbered-pages.ts';
import { type OffsetPages, offsetSlice } from './offset-pages.ts';
import { type PageArguments, type PageSizes, type RequestedPage, requestedPage } from './page-arguments.ts';
import type { Slice, Total } from './slice.ts';
import { type LinkPages, linkSlice, type TokenPages, tokenSlice } from './token-pages.ts';

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** A page of a list, by the names of GraphQL Cursor Connections. */
export interface ListConnection<Row, OfList extends Total = Total> {
  readonly nodes: readonly Row[];
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: PageInfo;
  /** Null if the backend does not return it. */
  readonly totalCount: Exclude<OfList, undefined> | (undefined extends OfList ? null : never);
}

/** How the backend splits a list into pages. */
export type Pages<Row, OfList extends Total = Total> =
  | OffsetPages<Row, OfList>
  | NumberedPages<Row, OfList>
  | CursorPages<Row, OfList>
  | TokenPages<Row, OfList>
  | LinkPages<Row, OfList>;

/** Options of `connection`. */
export type ListConnectionOptions<Row, OfList extends Total = Total> = Pages<Row, OfList> &
  PageSizes & { readonly args: PageArguments };

const sliceOf = <Row>(pages: Pages<Row>, page: RequestedPage): Promise<Slice<Row>> => {
  switch (pages.style) {
    case 'offset':
      return offsetSlice(pages, page);
    case 'page':
      return numberedSlice(pages, page);
    case 'cursor':
      return cursorSlice(pages, page);
    case 'token':
    case 'link':
      if (page.isBackward || page.before !== null)
        throw badInput('This list has no pages backward: use first and after.');
      return pages.style === 'token' ? tokenSlice(pages, page) : linkSlice(pages, page);
  }
};

/** A page with cursors that are encoded when they are read. */
const connectionOf = <Row>({ rows, cursorAt, end, hasNext, hasPrevious, total }: Slice<Row>): ListConnection<Row> => ({
  nodes: rows,
  get edges() {
    return rows.map((node, at) => ({ cursor: cursorAt(at), node }));
  },
  pageInfo: {
    hasNextPage: hasNext,
    hasPreviousPage: hasPrevious,
    get startCursor() {
      return rows.length === 0 ? null : cursorAt(0);
    },
    get endCursor() {
      return rows.length === 0 ? (end ?? null) : cursorAt(rows.length - 1);
    },
  },
  totalCount: total,
});

/**
 * Loads a page of a list from a backend, as a connection (GraphQL Cursor Connections Specification).
 *
 * `style` is how the backend splits the list: `offset` (offset and limit), `page` (number and size), `cursor` (a value
 * of the last row), `token` (the response has a token of the next page), `link` (the same by a Link header, RFC 8288).
 * `fetch` calls the backend for one page. Cursors are opaque, and valid for the same list with the same filters. `last`
 * and `before` need `offset`, `page`, or `cursor` with `backward`.
 *
 * @throws BAD_USER_INPUT for arguments that are not a page of this list
 */
export const connection = async <Row, OfList extends Total = Total>({
  args,
  size,
  maxSize,
  ...pages
}: ListConnectionOptions<Row, OfList>): Promise<ListConnection<Row, OfList>> => {
  const sizes = { ...(size === undefined ? {} : { size }), ...(maxSize === undefined ? {} : { maxSize }) };
  const page = connectionOf(await sliceOf(pages as Pages<Row>, requestedPage(args, sizes)));
  return page as unknown as ListConnection<Row, OfList>; // each style returns the total of `fetch`, and null for undefined
};
