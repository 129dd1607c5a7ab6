import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import { portOf } from '../processes/ports.ts';
import { endpoint } from '../upstream/calls.ts';

/** A request as the server received it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real HTTP server that records its requests, until the test ends. */
export const httpServer = async (
  answer: RequestListener,
  path = '',
  configure: (server: Server) => void = () => {},
) => {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createHttpServer(async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
    } catch {
      return; // The client disconnected.
    }
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    answer(request, response);
  });
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  configure(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  const at = endpoint(`http://127.0.0.1:${portOf(server)}${path}`);
  return { endpoint: at, requests, sockets, connections: () => connections };
};

/** A server with HTTP/2 over TLS, and HTTP/1.1 by ALPN, on this local address. */
export const secureServer = async (
  tls: SecureContextOptions,
  answer: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  address = '127.0.0.1',
) => {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createSecureServer({ ...tls, allowHTTP1: true }, answer);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => {});
  await once(server.listen(0, address), 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return { port: portOf(server), connections: () => connections };
};

/** A server that writes arbitrary bytes after each request. */
export const rawServer = async (answer: (socket: Socket, number: number, data: Buffer) => void) => {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data: Buffer) => answer(socket, ++asked, data));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  });
  const at = endpoint(`http://127.0.0.1:${portOf(server)}`);
  return { endpoint: at, sockets, asked: () => asked, stop: () => void server.close() };
};
