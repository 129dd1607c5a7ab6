import type { IncomingHttpHeaders } from 'node:http';
import { numberOf } from './fixtures.ts';
import { scrambled } from './hash.ts';
import { Problem } from './problem.ts';

export interface RestRequest {
  /** Values of the route's `{names}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined where there was none. */
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A REST service: route (`GET /customers/{id}`) to what answers it. The first route that fits is taken.
 * What answers may throw a Problem.
 */
export type RestService = Readonly<Record<string, (request: RestRequest) => Reply>>;

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  body,
  headers,
});

/** Most rows that one answer of a list holds, whatever was asked for. */
const MAX_LIMIT = 5_000;

/** @throws Problem 400 for anything but a whole number that is not negative */
export const limitOf = (query: URLSearchParams, fallback: number): number => {
  const text = query.get('limit');
  if (text === null) return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new Problem(400, 'limit is a whole number, 0 or more', 'bad-limit');
  return Math.min(Number(text), MAX_LIMIT);
};

/**
 * The number of the row that a page starts after; null where the first page is asked for.
 *
 * @throws Problem 400 for anything that is not an id
 */
export const afterOf = (query: URLSearchParams, prefix: 'c' | 'o'): number | null => {
  const id = query.get('after');
  if (id === null) return null;
  const n = numberOf(prefix, id);
  if (n === null) throw new Problem(400, 'after is the id of the last row you have', 'bad-cursor');
  return n;
};

/** Ids asked for in bulk, comma-separated, repeated or both, each once; null where the parameter is absent. */
export const idsOf = (query: URLSearchParams, parameter: string): readonly string[] | null => {
  if (!query.has(parameter)) return null;
  const ids = query.getAll(parameter).flatMap((part) => part.split(','));
  return [...new Set(ids.filter((id) => id !== ''))];
};

/** The rows that exist of those asked for, in an order of our own: no client may count on the order it asked in. */
export const bulk = <T extends { readonly id: string }>(
  ids: readonly string[],
  find: (id: string) => T | undefined,
): T[] =>
  scrambled(
    ids.map(find).filter((row) => row !== undefined),
    ({ id }) => id,
  );

/** @throws Problem 404 where there is no such row */
export const found = <T>(row: T | undefined, what: string): T => {
  if (row === undefined) throw new Problem(404, `No such ${what}`, 'not-found');
  return row;
};
