import { expect, test } from 'vitest';
import {
  cursorList,
  LIST,
  type List,
  type Load,
  linkList,
  numberedList,
  offsetList,
  type Row,
  tokenList,
} from '../../../test/support/backends/paged-lists.ts';
import { connection, type ListConnection } from './connection.ts';

const ids = ({ nodes }: ListConnection<Row>): readonly string[] => nodes.map(({ id }) => id);

const walk = async (load: Load, first: number): Promise<readonly string[][]> => {
  const pages: string[][] = [];
  let after: string | null = null;
  for (let count = 0; count < 20; count += 1) {
    const page: ListConnection<Row> = await load({ first, after });
    pages.push([...ids(page)]);
    if (!page.pageInfo.hasNextPage) return pages;
    after = page.pageInfo.endCursor;
  }
  throw new Error('The list does not end.');
};

const LISTS: readonly (readonly [string, () => List])[] = [
  ['offset', () => offsetList()],
  ['offset with a total', () => offsetList(10)],
  ['page', () => numberedList()],
  ['page with a total', () => numberedList({ total: 10 })],
  ['page of a fixed size, from 0', () => numberedList({ pageSize: 2, firstPage: 0 })],
  ['cursor', () => cursorList()],
  ['token', () => tokenList()],
  ['link', () => linkList()],
  ['link to a page of the requested size', () => linkList(true)],
];

test.each(LISTS)('%s: pages of every size together are the list, each row once and in order', async (_style, list) => {
  for (const first of [1, 2, 3, 4, 5]) {
    const pages = await walk(list().load, first);
    expect(pages.flat()).toEqual(LIST.map(({ id }) => id));
    expect(pages.every((page) => page.length <= first)).toBe(true);
  }
});

test.each(LISTS)('%s: a page may continue after any of its rows', async (_style, list) => {
  const { load } = list();
  const { edges } = await load({ first: 5 });
  for (const [at, { cursor, node }] of edges.entries()) {
    expect(node).toBe(LIST[at]);
    expect(ids(await load({ first: 2, after: cursor }))[0]).toBe(`r${at + 1}`);
  }
});

test.each(LISTS)('%s: a page of another size continues where the page before it ends', async (_style, list) => {
  const { load } = list();
  const { pageInfo } = await load({ first: 2 });
  expect(ids(await load({ first: 5, after: pageInfo.endCursor }))[0]).toBe('r2');
  const { edges } = await load({ first: 3 });
  const next = await load({ first: 1, after: edges[0]?.cursor });
  expect(ids(next)).toEqual(['r1']);
  expect(ids(await load({ first: 4, after: next.pageInfo.endCursor }))[0]).toBe('r2');
});

test.each([
  ['offset', () => offsetList(10)],
  ['page', () => numberedList({ total: 10 })],
  ['cursor', () => cursorList(true)],
] as const)('%s: pages from the end together are the list backward', async (_style, list) => {
  const { load } = list();
  const pages: (readonly string[])[] = [];
  let before: string | null = null;
  let hasPrevious = true;
  while (hasPrevious) {
    const page: ListConnection<Row> = await load({ last: 4, before });
    expect(page.pageInfo.hasNextPage).toBe(before !== null);
    pages.unshift(ids(page));
    ({ startCursor: before, hasPreviousPage: hasPrevious } = page.pageInfo);
  }
  expect(pages).toEqual([
    ['r0', 'r1'],
    ['r2', 'r3', 'r4', 'r5'],
    ['r6', 'r7', 'r8', 'r9'],
  ]);
});

test('a range between two cursors has only its own rows', async () => {
  const { load } = offsetList(10);
  const { edges } = await load({ first: 5 });
  const between = await load({ first: 5, after: edges[0]?.cursor, before: edges[3]?.cursor });
  expect(ids(between)).toEqual(['r1', 'r2']);
  expect(between.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  expect(ids(await load({ first: 5, after: edges[3]?.cursor, before: edges[1]?.cursor }))).toEqual([]);
});

test('a page without rows between two cursors has the total that its type promises', async () => {
  const { load } = offsetList(10);
  const { edges } = await load({ first: 5 });
  expect((await load({ first: 5, after: edges[3]?.cursor, before: edges[1]?.cursor })).totalCount).toBe(10);
});

test('opaque cursors of a backend reach clients, and the backend, unchanged', async () => {
  const page = await connection({
    style: 'cursor',
    isOpaque: true,
    args: { after: 'b-cursor' },
    fetch: async ({ after }) => ({ rows: [{ at: `after ${after}` }], total: 1 }),
    cursor: ({ at }) => at,
  });
  const total: number = page.totalCount; // compiles: the backend always has a total
  expect([total, page.pageInfo.endCursor]).toEqual([1, 'after b-cursor']);
});

test('the calls of each style are these', async () => {
  const offset = offsetList();
  await walk(offset.load, 5);
  expect(offset.calls).toEqual([
    { offset: 0, limit: 5 },
    { offset: 5, limit: 5 },
    { offset: 10, limit: 5 },
  ]);
  const numbered = numberedList({ total: 10 });
  const { edges } = await numbered.load({ first: 4 });
  await numbered.load({ first: 4, after: edges[1]?.cursor });
  expect(numbered.calls).toEqual([
    { page: 1, size: 4 },
    { page: 1, size: 4 },
    { page: 2, size: 4 },
  ]);
  const token = tokenList();
  await token.load({ first: 3 });
  expect(token.calls).toEqual([
    { limit: 3, token: undefined },
    { limit: 1, token: 't1' },
    { limit: 1, token: 't2' },
  ]);
  const fromEnd = offsetList(10);
  await fromEnd.load({ last: 2 });
  expect(fromEnd.calls).toEqual([
    { offset: 0, limit: 1 },
    { offset: 8, limit: 2 },
  ]);
});

test('too many empty pages end a page early, and its cursor continues there', async () => {
  const { load, calls } = tokenList(2);
  const page = await load({ first: 5 });
  expect(ids(page)).toEqual(['r0', 'r1']);
  expect(page.pageInfo.hasNextPage).toBe(true);
  expect(calls).toHaveLength(2);
  const { load: one } = tokenList(1);
  const empty = await one({ first: 5, after: (await one({ first: 2 })).pageInfo.endCursor });
  expect(ids(empty)).toEqual([]);
  expect(empty.pageInfo.hasNextPage).toBe(true);
  expect(ids(await one({ first: 5, after: empty.pageInfo.endCursor }))).toEqual(['r2', 'r3']);
});

test('totalCount is that of the backend, or null', async () => {
  expect((await offsetList(10).load({})).totalCount).toBe(10);
  expect((await offsetList().load({})).totalCount).toBeNull();
  expect((await linkList().load({})).totalCount).toBe(10);
});

const cursor = (...position: unknown[]): string => Buffer.from(JSON.stringify(position)).toString('base64url');

test.each([
  ['first: 0', { first: 0 }, 'first must be between 1 and 5.'],
  ['first: 6', { first: 6 }, 'first must be between 1 and 5.'],
  ['last: -1', { last: -1 }, 'last must be between 1 and 5.'],
  ['first and last', { first: 1, last: 1 }, 'Use either first or last, not both.'],
  ['last without a total', { last: 1 }, 'last requires before: the length of this list is unknown.'],
  ['a text', { after: 'r3' }, 'after is not a cursor of this list: use a cursor from one of its pages.'],
  ['another style', { after: cursor('token', 't1', 0) }, 'after is not a cursor of this list'],
  ['a negative index', { after: cursor('offset', -1) }, 'after is not a cursor of this list'],
  ['a huge index', { before: cursor('offset', 2 ** 31) }, 'before is not a cursor of this list'],
  ['a fraction', { after: cursor('offset', 0.5) }, 'after is not a cursor of this list'],
  ['a second value', { after: cursor('offset', 1, 2) }, 'after is not a cursor of this list'],
  ['a long text', { after: cursor('offset', 'x'.repeat(10_000)) }, 'after is not a cursor of this list'],
])('%s is BAD_USER_INPUT, and rows are not fetched', async (_what, args, message) => {
  const { load, calls } = offsetList();
  await expect(load(args)).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining(message),
  });
  expect(calls.length).toBe('last' in args && !('first' in args) && args.last === 1 ? 1 : 0);
});

test.each([
  ['cursor', cursorList],
  ['token', tokenList],
  ['link', linkList],
])('%s: a page backward is BAD_USER_INPUT if the backend has none', async (_style, list) => {
  const { load, calls } = list();
  await expect(load({ last: 2 })).rejects.toThrow('This list has no pages backward: use first and after.');
  await expect(load({ before: 'x' })).rejects.toThrow('This list has no pages backward: use first and after.');
  expect(calls).toEqual([]);
});

test('a cursor sets only the declared parameters of a link', async () => {
  const { load, calls } = linkList();
  const { pageInfo } = await load({ first: 3 });
  expect(JSON.parse(Buffer.from(pageInfo.endCursor ?? '', 'base64url').toString())).toEqual(['link', 'page=1', 0, 3]);
  await load({ first: 3, after: cursor('link', 'page=2&owner=admin', 0, 3) });
  expect(calls.at(-1)).toEqual({ limit: 3, query: { page: '2' } });
  await expect(load({ after: cursor('link', 'page=2', 0, 6) })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('a next page that is the same page is UPSTREAM_BAD_RESPONSE, and so is a link without its parameter', async () => {
  const loop = connection({
    style: 'token',
    args: { after: cursor('token', 'a', 0) },
    fetch: async () => ({ rows: [], next: 'a' }),
  });
  await expect(loop).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
  const next = new URLSearchParams('cursor=2');
  const other = connection({ style: 'link', parameters: ['page'], args: {}, fetch: async () => ({ rows: [1], next }) });
  await expect(other).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
});

test('sizes of a module that are not possible are an error of the module', async () => {
  const load = connection({ style: 'offset', args: {}, size: 0, fetch: async () => ({ rows: [] }) });
  await expect(load).rejects.toThrow(RangeError);
});
