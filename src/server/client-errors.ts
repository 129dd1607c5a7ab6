import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Connections } from './connections.ts';
import { type Refusal, refusal, refusalBody } from './refusal.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts';

const refusalOfParser = (code: string): Refusal => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refusal('REQUEST_TOO_LARGE', 'URL and headers together are too large.', { status: 431 });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refusal('REQUEST_TOO_LARGE', 'Chunk extensions are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refusal('BAD_REQUEST', 'The request took too long to arrive.', { status: 408 });
    default:
      return refusal('BAD_REQUEST', 'This is not well-formed HTTP/1.1.');
  }
};

const lastAnswer = (refused: Refusal, requestId: string) => {
  const body = refusalBody(refused, requestId);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    [REQUEST_ID_HEADER]: requestId,
    connection: 'close',
  };
  return { headers, body };
};

const rawAnswer = (refused: Refusal): string => {
  const { headers, body } = lastAnswer(refused, randomUUID());
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status]}`, ...lines, '', body].join('\r\n');
};

/** Answers what never became a request, on the bare socket, and closes it. */
export const refuseOnSocket = (error: Error & { code?: string }, socket: Socket, connections: Connections): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // Behind a pipelined request that still runs, this would be taken for the answer to that one.
  if (socket.writable && connections.mayRefuse(socket)) socket.write(rawAnswer(refusalOfParser(error.code ?? '')));
  socket.destroySoon();
};

/** Answers a request with an Expect header that asks for more than `100-continue`. Node hands it to no route. */
export const refuseExpectation = (request: IncomingMessage, response: ServerResponse): void => {
  const refused = refusal('BAD_REQUEST', 'Expect can only ask for 100-continue.', { status: 417 });
  const { headers, body } = lastAnswer(refused, requestIdOf(request.headers));
  response.writeHead(refused.status, headers).end(body);
};
