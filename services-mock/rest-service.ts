import type { IncomingHttpHeaders } from 'node:http';
import { numberOf } from './fixtures.ts';
import { scrambled } from './hash.ts';
import { Problem } from './problem.ts';

export interface RestRequest {
  /** Values of the route's `{names}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined for no body. */
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A REST service: handlers by route (`GET /customers/{id}`). The first matching route is used. Handlers may throw a
 * Problem.
 */
export type RestService = Readonly<Record<string, (request: RestRequest) => Reply>>;

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  body,
  headers,
});

/** Maximum number of rows of a list, whatever was requested. */
const MAX_LIMIT = 5_000;

/** @throws Problem 400 for anything but a whole number from 0 */
export const limitOf = (query: URLSearchParams, fallback: number): number => {
  const text = query.get('limit');
  if (text === null) return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new Problem(400, 'limit is a whole number, 0 or more', 'bad-limit');
  return Math.min(Number(text), MAX_LIMIT);
};

/**
 * Number of the row before a page; null for the first page.
 *
 * @throws Problem 400 for an invalid id
 */
export const afterOf = (query: URLSearchParams, prefix: 'c' | 'o'): number | null => {
  const id = query.get('after');
  if (id === null) return null;
  const n = numberOf(prefix, id);
  if (n === null) throw new Problem(400, 'after is the id of the last row you have', 'bad-cursor');
  return n;
};

/** Ids of a bulk request, comma-separated, repeated or both, each once; null without the parameter. */
export const idsOf = (query: URLSearchParams, parameter: string): readonly string[] | null => {
  if (!query.has(parameter)) return null;
  const ids = query.getAll(parameter).flatMap((part) => part.split(','));
  return [...new Set(ids.filter((id) => id !== ''))];
};

/** The existing rows of these ids, in an order of the service's own: a client must not rely on the requested order. */
export const bulk = <T extends { readonly id: string }>(
  ids: readonly string[],
  find: (id: string) => T | undefined,
): T[] =>
  scrambled(
    ids.map(find).filter((row) => row !== undefined),
    ({ id }) => id,
  );

/** @throws Problem 404 for an unknown row */
export const found = <T>(row: T | undefined, what: string): T => {
  if (row === undefined) throw new Problem(404, `No such ${what}`, 'not-found');
  return row;
};
