/** Rows of a requested page. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  readonly cursorAt: (index: number) => string;
  /** Cursor of the end of the page, used if the page has no rows. Default: none. */
  readonly end?: string | undefined;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
  readonly total: number | null;
}

/** A number of rows as a backend returns it. */
export type Total = number | null | undefined;

/** Rows of one page of a backend. */
export interface FetchedRows<Row, OfList extends Total = Total> {
  readonly rows: readonly Row[];
  /** Number of rows of the whole list. Absent: unknown. */
  readonly total?: OfList;
  /** True if rows follow this page. Default: derived from `total`, else true for a full page. */
  readonly hasMore?: boolean | undefined;
}

/** A range of indexes of a list; `end` is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}
