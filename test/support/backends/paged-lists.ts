import { connection, type ListConnection } from '../../../src/backend/pages/connection.ts';
import type { PageArguments } from '../../../src/backend/pages/page-arguments.ts';

/** The rows of every list. */
export const LIST = Array.from({ length: 10 }, (_, at) => ({ id: `r${at}` }));

export type Row = (typeof LIST)[number];
export type Load = (args: PageArguments) => Promise<ListConnection<Row>>;

/** A list in one style, with the record of its calls. */
export interface List {
  readonly load: Load;
  readonly calls: unknown[];
}

export const offsetList = (total?: number): List => {
  const calls: unknown[] = [];
  return {
    calls,
    load: (args) =>
      connection<Row>({
        style: 'offset',
        args,
        size: 3,
        maxSize: 5,
        fetch: async (page) => {
          calls.push(page);
          return { rows: LIST.slice(page.offset, page.offset + page.limit), total };
        },
      }),
  };
};

export const numberedList = (options: { total?: number; pageSize?: number; firstPage?: 0 | 1 } = {}): List => {
  const calls: unknown[] = [];
  const { total, ...others } = options;
  return {
    calls,
    load: (args) =>
      connection<Row>({
        style: 'page',
        args,
        size: 3,
        maxSize: 5,
        ...others,
        fetch: async ({ page, size }) => {
          calls.push({ page, size });
          const start = (page - (others.firstPage ?? 1)) * size;
          return { rows: LIST.slice(start, start + size), total };
        },
      }),
  };
};

export const cursorList = (backward?: boolean): List => {
  const calls: unknown[] = [];
  return {
    calls,
    load: (args) =>
      connection<Row>({
        style: 'cursor',
        args,
        size: 3,
        maxSize: 5,
        ...(backward === undefined ? {} : { backward }),
        cursor: ({ id }) => id,
        fetch: async ({ limit, after, before, isBackward }) => {
          calls.push({ limit, after, before });
          const start = after === undefined ? 0 : LIST.findIndex(({ id }) => id === after) + 1;
          const end = before === undefined ? LIST.length : LIST.findIndex(({ id }) => id === before);
          const range = LIST.slice(start, end);
          const rows = isBackward ? range.slice(-limit) : range.slice(0, limit);
          return { rows, hasMore: rows.length < range.length };
        },
      }),
  };
};

/** Pages of at most two rows, the second of them empty: such as a backend that filters after it has made a page. */
export const tokenList = (maxCalls?: number): List => {
  const calls: unknown[] = [];
  const pages = [LIST.slice(0, 2), [], LIST.slice(2, 4), LIST.slice(4, 6), LIST.slice(6, 8), LIST.slice(8)];
  return {
    calls,
    load: (args) =>
      connection<Row>({
        style: 'token',
        args,
        size: 3,
        maxSize: 5,
        ...(maxCalls === undefined ? {} : { maxCalls }),
        fetch: async ({ limit, token }) => {
          calls.push({ limit, token });
          const page = Number(token?.slice(1) ?? 0);
          return { rows: pages[page] ?? [], next: page + 1 < pages.length ? `t${page + 1}` : '' };
        },
      }),
  };
};

/** Pages by number: of three rows, or of the requested size. */
export const linkList = (isSized = false): List => {
  const calls: unknown[] = [];
  return {
    calls,
    load: (args) =>
      connection<Row>({
        style: 'link',
        args,
        size: 3,
        maxSize: 5,
        parameters: ['page'],
        fetch: async ({ limit, query }) => {
          calls.push({ limit, query });
          const size = isSized ? limit : 3;
          const start = Number(query.page ?? 0) * size;
          const next = new URLSearchParams({ page: String(Number(query.page ?? 0) + 1), owner: 'admin' });
          return { rows: LIST.slice(start, start + size), next: start + size < LIST.length ? next : null, total: 10 };
        },
      }),
  };
};
