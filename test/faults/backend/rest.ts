import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Behaviour, Fate } from './behaviour.ts';
import { type Conduct, type Failure, textOf } from './conduct.ts';
import { gzipBomb, LARGE_BYTES } from './huge.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const STATUS = { error: 500, unavailable: 503, busy: 429, exception: 500, text: 200 } as const satisfies Record<
  Failure,
  number
>;

const DEADLINE_HEADER = 'x-envoy-expected-rq-timeout-ms';

const leftMs = ({ headers }: IncomingMessage): number | null => {
  const deadline = headers[DEADLINE_HEADER];
  return typeof deadline === 'string' ? Number(deadline) : null;
};

/** Never ends. */
const pour = (response: ServerResponse, piece: Buffer): void => {
  let open = true;
  response.once('close', () => {
    open = false;
  });
  const more = () => {
    while (open && response.write(piece));
    if (open) response.once('drain', more);
  };
  more();
};

const PIECE = Buffer.alloc(65_536, 'x');

const trickle = (response: ServerResponse, body: Buffer): void => {
  const next = (at: number): void => {
    if (response.destroyed) return;
    if (at >= body.length) {
      response.end();
      return;
    }
    response.write(body.subarray(at, at + 64));
    setTimeout(next, 200, at + 64);
  };
  next(0);
};

/** An answer of this shape. `body` is the complete body. */
const answer = (response: ServerResponse, body: Buffer, shape: Conduct['shape']): void => {
  const half = body.subarray(0, body.length / 2);
  const withLength = (length: number) => response.writeHead(200, { ...JSON_TYPE, 'content-length': length });
  switch (shape) {
    case 'whole':
      withLength(body.length).end(body);
      return;
    case 'trickle':
      withLength(body.length);
      trickle(response, body);
      return;
    case 'reset':
      withLength(body.length).write(half, () => response.socket?.resetAndDestroy());
      return;
    case 'truncated':
      withLength(half.length).end(half);
      return;
    case 'wrong-length':
      withLength(body.length + 10).write(body, () => response.socket?.destroySoon());
      return;
    case 'unfinished':
      response.writeHead(200, JSON_TYPE).write(half, () => response.socket?.destroySoon());
      return;
    case 'garbage':
      withLength(body.length).end(body.map((byte) => byte ^ 0xa5));
      return;
    case 'bomb':
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipBomb());
      return;
    case 'large':
      withLength(LARGE_BYTES);
      pour(response, PIECE);
      return;
    case 'endless':
      response.writeHead(200, JSON_TYPE);
      pour(response, PIECE);
      return;
    default:
      shape satisfies never;
  }
};

const carryOut = (
  behaviour: Behaviour,
  request: IncomingMessage,
  response: ServerResponse,
  fate: Fate,
  body: object,
) => {
  const timer = setTimeout(() => {
    if (response.destroyed) return;
    const { shape, retryAfterS } = behaviour.conduct;
    if (fate.is === 'answered') return answer(response, Buffer.from(JSON.stringify(body)), shape);
    const wish = fate.failure === 'busy' && retryAfterS !== null ? { 'retry-after': String(retryAfterS) } : {};
    const text = fate.failure === 'text' ? 'It works!' : '{}';
    response.writeHead(STATUS[fate.failure], { ...JSON_TYPE, ...wish }).end(text);
  }, fate.afterMs);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableEnded) behaviour.aborted();
  });
  request.resume();
};

/** `GET /things/<id>` reads, `POST /things/<id>` writes, `GET /health` reports health. */
export const restServer = (behaviour: Behaviour, { idleMs }: { readonly idleMs: number | null }): Server => {
  const server = createServer((request, response) => {
    // The client may have disconnected.
    response.on('error', () => {});
    if (request.url === '/health') {
      response.writeHead(behaviour.conduct.healthy ? 200 : 503).end();
      return;
    }
    const id = (request.url ?? '').split('/')[2] ?? '';
    // A client that trusts this header reuses a connection that was closed after `idleMs`.
    if (idleMs !== null) response.setHeader('keep-alive', 'timeout=5');
    const read = request.method === 'GET';
    const fate = read ? behaviour.read(id, leftMs(request)) : behaviour.write(id);
    carryOut(
      behaviour,
      request,
      response,
      fate,
      read ? { id, text: textOf(id) + behaviour.conduct.addedText } : { id },
    );
  });
  server.on('connection', () => behaviour.connected());
  if (idleMs === null) return Object.assign(server, { keepAliveTimeout: 60_000 });
  return Object.assign(server, { keepAliveTimeout: idleMs, keepAliveTimeoutBuffer: 0 });
};
