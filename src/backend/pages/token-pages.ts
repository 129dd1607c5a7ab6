import { GatewayError } from '../../core/errors.ts';
import type { RequestedPage } from './page-arguments.ts';
import { cursorOf, positionOf } from './page-cursor.ts';
import type { Slice, Total } from './slice.ts';

/** Rows of one page, and how to fetch the next one; null, undefined or an empty text on the last page. */
interface LinkedRows<Row, Next, OfList extends Total> {
  readonly rows: readonly Row[];
  readonly next: Next | null | undefined;
  /** Number of rows of the whole list. Absent: unknown. */
  readonly total?: OfList;
}

interface Prefetch {
  /** Maximum number of calls for one page, for backends with pages that are not full. Default 3. */
  readonly maxCalls?: number;
}

/** Pages by a token in the response: `?page_token=…` (AIP-158). Forward only. */
export interface TokenPages<Row, OfList extends Total = Total> extends Prefetch {
  readonly style: 'token';
  readonly fetch: (page: {
    readonly limit: number;
    readonly token: string | undefined;
  }) => Promise<LinkedRows<Row, string, OfList>>;
}

/** Pages by the query of a link in the response, as `getPage` returns it. Forward only. */
export interface LinkPages<Row, OfList extends Total = Total> extends Prefetch {
  readonly style: 'link';
  /**
   * The parameters of the link that select the page: `['page']`, `['cursor']`. Others are ignored: a cursor passes
   * through clients, and must not set the filters of the list.
   */
  readonly parameters: readonly [string, ...string[]];
  readonly fetch: (page: {
    readonly limit: number;
    /** The parameters of the linked page; empty for the first page. */
    readonly query: Readonly<Record<string, string>>;
  }) => Promise<LinkedRows<Row, URLSearchParams, OfList>>;
}

/**
 * Position in a list of linked pages: a page by its token, `''` for the first, a number of its rows, and its size if the
 * list has pages of one size.
 */
type Linked = readonly [token: string, skipped: number] | readonly [token: string, skipped: number, limit: number];

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

interface FetchedPage<Row> {
  readonly rows: readonly Row[];
  /** Token of the next page; `''` for none. */
  readonly next: string;
  readonly total?: Total;
}

interface LinkedList<Row> extends Prefetch {
  readonly style: string;
  /**
   * True if all pages are requested with the size of the first one. The second page of a list by number is another one
   * if its size differs.
   */
  readonly hasOneSize: boolean;
  readonly fetch: (limit: number, token: string) => Promise<FetchedPage<Row>>;
}

/** Loads rows from a position: pages in order, until there are enough rows, no more pages, or too many calls. */
const linkedSlice = async <Row>(
  { style, hasOneSize, fetch, maxCalls = 3 }: LinkedList<Row>,
  { size, maxSize, after }: RequestedPage,
): Promise<Slice<Row>> => {
  const isValid = (values: readonly unknown[]): values is Linked =>
    values.length === (hasOneSize ? 3 : 2) &&
    typeof values[0] === 'string' &&
    isWhole(values[1], 0, Number.MAX_SAFE_INTEGER) &&
    (!hasOneSize || isWhole(values[2], 1, maxSize));
  const start: Linked = positionOf(after, { argument: 'after', style, isValid }) ?? ['', 0];
  const [, , limit = size] = start;
  const positionAt = (page: string, rowsBefore: number): Linked =>
    hasOneSize ? [page, rowsBefore, limit] : [page, rowsBefore];
  const rows: Row[] = [];
  const positions: Linked[] = [];
  let [token, skipped] = start;
  let hasNext = true;
  let total: number | null = null;
  for (let calls = 0; calls < maxCalls && rows.length < size && hasNext; calls += 1) {
    const page = await fetch(hasOneSize ? limit : skipped + size - rows.length, token);
    if (page.next !== '' && page.next === token)
      throw new GatewayError('UPSTREAM_BAD_RESPONSE', 'The next page of a list has the token of the same page.');
    total ??= page.total ?? null;
    const taken = page.rows.slice(skipped, skipped + size - rows.length);
    for (const [at, row] of taken.entries()) {
      rows.push(row);
      positions.push(positionAt(token, skipped + at + 1));
    }
    const isAtEnd = skipped + taken.length >= page.rows.length;
    hasNext = !isAtEnd || page.next !== '';
    if (!isAtEnd) break;
    // A cursor at the end of a page is the start of the next one.
    if (page.next !== '' && taken.length > 0) positions[positions.length - 1] = positionAt(page.next, 0);
    [token, skipped] = [page.next, 0];
  }
  return {
    rows,
    cursorAt: (index) => cursorOf([style, ...(positions[index] ?? start)]),
    end: hasNext ? cursorOf([style, ...positionAt(token, skipped)]) : undefined,
    hasNext,
    hasPrevious: start[0] !== '' || start[1] > 0,
    total,
  };
};

/** Loads a page of a list with tokens. */
export const tokenSlice = <Row>(pages: TokenPages<Row>, page: RequestedPage): Promise<Slice<Row>> =>
  linkedSlice(
    {
      ...pages,
      hasOneSize: false,
      fetch: async (limit, token) => {
        const { rows, next, total } = await pages.fetch({ limit, token: token === '' ? undefined : token });
        return { rows, next: next ?? '', total };
      },
    },
    page,
  );

/** The parameters of a query that select a page, as text. */
const selected = (query: URLSearchParams, names: readonly string[]): URLSearchParams =>
  new URLSearchParams(names.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? '']] : [])));

/** Loads a page of a list with links. */
export const linkSlice = <Row>(pages: LinkPages<Row>, page: RequestedPage): Promise<Slice<Row>> => {
  const { parameters } = pages;
  return linkedSlice(
    {
      ...pages,
      hasOneSize: true,
      fetch: async (limit, token) => {
        const query = Object.fromEntries(selected(new URLSearchParams(token), parameters));
        const { rows, next, total } = await pages.fetch({ limit, query });
        const following = next === null || next === undefined ? '' : selected(next, parameters).toString();
        if (following === '' && next)
          throw new GatewayError(
            'UPSTREAM_BAD_RESPONSE',
            `The link to the next page of a list has no parameter ${parameters.join(' or ')}.`,
          );
        return { rows, next: following, total };
      },
    },
    page,
  );
};
