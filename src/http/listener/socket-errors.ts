import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenerConnections } from './connections.ts';
import type { Http2Request, Http2Response } from './http2/http2-messages.ts';
import { otherExpectation, otherProtocol } from './reject-ambiguous-requests.ts';
import { type Rejection, rejection, rejectionBody } from './rejection.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts';

/** An error of Node's parser. */
interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
}

// Reasons of the parser for another protocol, which has no error code.
const OTHER_PROTOCOL = /^(?:Invalid HTTP version|Expected .*ICE\/|Pause on PRI)/;

const REQUEST_TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT';

const rejectionOfParser = ({ code, reason = '' }: ParserError): Rejection => {
  if (OTHER_PROTOCOL.test(reason)) return otherProtocol;
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return rejection('REQUEST_TOO_LARGE', 'The URL and headers are too large.', { status: 431 });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return rejection('REQUEST_TOO_LARGE', 'Chunk extensions are too large.');
    case REQUEST_TIMEOUT:
      return rejection('BAD_REQUEST', 'The request was not received in time.', { status: 408 });
    default:
      return rejection('BAD_REQUEST', 'Malformed HTTP request.');
  }
};

const lastAnswer = (rejected: Rejection, requestId: string) => {
  const body = rejectionBody(rejected, requestId);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    [REQUEST_ID_HEADER]: requestId,
    connection: 'close',
  };
  return { headers, body };
};

const rawAnswer = (rejected: Rejection): string => {
  const { headers, body } = lastAnswer(rejected, randomUUID());
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${rejected.status} ${STATUS_CODES[rejected.status]}`, ...lines, '', body].join('\r\n');
};

/** Rejects bytes that are not a request and closes the connection, after the requests before them are answered. */
export const rejectOnSocket = (error: ParserError, socket: Socket, connections: ListenerConnections): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const isExcused = (request: IncomingMessage) => connections.excused.has(request);
  if (error.code === REQUEST_TIMEOUT && connections.requestsOn(socket).some(isExcused)) return;
  connections.endUnreadable(socket, rawAnswer(rejectionOfParser(error)));
};

const noTunnel = rejection('BAD_REQUEST', 'CONNECT is not supported: this is not a proxy.', { status: 501 });
/** Timeout of a socket after CONNECT. It is not longer than the grace of the process at its end. */
const SILENT_MS = 10_000;

/**
 * Closes a connection after a CONNECT request, or after an upgrade behind other requests, once the requests before it are
 * answered. Without a listener for it, Node closes the connection at once, and answers of requests in flight are lost.
 */
export const rejectTunnel = (socket: Socket, connections: ListenerConnections, rejected = noTunnel): void => {
  // Node has removed its own listeners, and no longer closes this socket with the others.
  socket.on('error', () => socket.destroy()).setTimeout(SILENT_MS, () => socket.destroy());
  connections.endUnreadable(socket, rawAnswer(rejected));
};

/** Rejects an Expect header other than `100-continue`. Node passes such a request to no route. */
export const rejectExpectation = (request: IncomingMessage, response: ServerResponse): void => {
  const { headers, body } = lastAnswer(otherExpectation, requestIdOf(request.headers));
  response.writeHead(otherExpectation.status, headers).end(body);
};

/** Rejects a CONNECT request of HTTP/2, which has no URL. */
export const rejectConnect = ({ headers: sent }: Http2Request, response: Http2Response): void => {
  const { headers, body } = lastAnswer(noTunnel, requestIdOf(sent));
  response.writeHead(noTunnel.status, headers).end(body);
};
