import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/* A publishing service with the habits of Google's APIs: resource names, masks, page tokens, operations, AIP-193. */

type Json = Record<string, unknown>;

/** An error response. */
class Refusal extends Error {
  readonly code: number;
  readonly body: Json;

  constructor(code: number, status: string, reason: string, field?: string) {
    super(reason);
    this.code = code;
    const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'publishing.example' };
    const fields = {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field, description: 'x' }],
    };
    const message = 'A text with data of the account.';
    this.body = { error: { code, status, message, details: field === undefined ? [info] : [info, fields] } };
  }
}

interface Request {
  readonly name: string;
  readonly query: URLSearchParams;
  readonly body: Json;
}

const book = (name: string, at: number): Json => ({
  name,
  title: `Book ${at}`,
  authors: ['Ann'],
  price: { currencyCode: 'EUR', units: '19', nanos: 990_000_000 },
  publishTime: `2026-01-0${at}T08:00:00Z`,
  readingTime: '5400.500s',
  etag: '"1"',
});

/** The fields of a mask; all without one. */
const masked = (row: Json, mask: string | null): Json => {
  if (mask === null || mask === '') return row;
  const names = mask.split(',').map((path) => path.split('.')[0] ?? '');
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
};

const publishingService = () => {
  const books = new Map([1, 2, 3].map((at) => [`publishers/p1/books/b${at}`, book(`publishers/p1/books/b${at}`, at)]));
  const operations = new Map<string, Json>();
  const reads = new Map<string, number>();

  const existing = (name: string): Json => {
    const row = books.get(name);
    if (row === undefined) throw new Refusal(404, 'NOT_FOUND', 'BOOK_NOT_FOUND');
    return row;
  };

  const routes: readonly (readonly [RegExp, (request: Request) => Json])[] = [
    [
      /^GET \/v1\/publishers:batchGet$/,
      ({ query }) => ({ publishers: query.getAll('names').map((name) => ({ name, displayName: `House ${name}` })) }),
    ],
    [
      /^GET \/v1\/(publishers\/[^/]+)\/books$/,
      ({ name, query }) => {
        const all = [...books].filter(([key]) => key.startsWith(`${name}/`)).map(([, row]) => row);
        const start = Number(query.get('pageToken') ?? 0);
        const end = start + Number(query.get('pageSize') ?? 10);
        const page = all.slice(start, end).map((row) => masked(row, query.get('readMask')));
        return { books: page, totalSize: all.length, ...(end < all.length && { nextPageToken: String(end) }) };
      },
    ],
    [
      /^GET \/v1\/(publishers\/[^/]+\/books\/[^/:]+)$/,
      ({ name, query }) => masked(existing(name), query.get('readMask')),
    ],
    [
      /^PATCH \/v1\/(publishers\/[^/]+\/books\/[^/:]+)$/,
      ({ name, query, body }) => {
        const row = existing(name);
        if (body.etag !== row.etag) throw new Refusal(409, 'ABORTED', 'ETAG_MISMATCH');
        const mask = query.get('updateMask')?.split(',') ?? [];
        if (mask.includes('title') && body.title === '') throw new Refusal(400, 'INVALID_ARGUMENT', 'EMPTY', 'title');
        const changes = Object.fromEntries(mask.map((field) => [field, body[field] ?? undefined]));
        books.set(name, { ...row, ...changes, etag: '"2"' });
        return existing(name);
      },
    ],
    [
      /^POST \/v1\/(publishers\/[^/]+\/books\/[^/:]+):withdraw$/,
      () => {
        throw new Refusal(400, 'FAILED_PRECONDITION', 'BOOK_IN_PRINT');
      },
    ],
    [
      /^POST \/v1\/publishers\/[^/]+\/books:print$/,
      ({ body }) => {
        const name = `operations/${String(body.requestId)}`;
        if (!operations.has(name)) operations.set(name, { copies: body.copies, finishTime: '2026-02-01T00:00:00Z' });
        return { name };
      },
    ],
    [
      /^GET \/v1\/(operations\/[^/]+)$/,
      ({ name }) => {
        const times = (reads.get(name) ?? 0) + 1;
        reads.set(name, times);
        return times < 2 ? { name } : { name, done: true, response: operations.get(name) };
      },
    ],
  ];
  return routes;
};

type Answer = (line: string, query: URLSearchParams, body: Json) => Json;

const routed =
  (routes: ReturnType<typeof publishingService>): Answer =>
  (line, query, body) => {
    for (const [route, answer] of routes) {
      const match = route.exec(line);
      if (match !== null) return answer({ name: match[1] ?? '', query, body });
    }
    throw new Refusal(404, 'NOT_FOUND', 'NO_SUCH_METHOD');
  };

/** The running service. */
export interface PublishingMock extends AsyncDisposable {
  readonly url: string;
  /** Method and target of the requests so far. */
  readonly calls: readonly string[];
}

/** Starts the service on a free port, with three books of the publisher p1. */
export const startPublishing = async (): Promise<PublishingMock> => {
  const calls: string[] = [];
  const answer = routed(publishingService());
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/' } = request;
    calls.push(`${method} ${decodeURIComponent(url)}`);
    const body = await text(request);
    const { pathname, searchParams } = new URL(url, 'http://mock');
    const send = (status: number, value: Json) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    try {
      send(200, answer(`${method} ${decodeURIComponent(pathname)}`, searchParams, body === '' ? {} : JSON.parse(body)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(error.code, error.body);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}`, calls, [Symbol.asyncDispose]: stop };
};
