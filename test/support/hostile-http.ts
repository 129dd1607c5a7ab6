import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { endpoint } from './calls.ts';
import { portOf } from './ports.ts';

/** What a server saw of a request, as it came over the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real HTTP server that keeps what it is asked, for the length of a test. */
export const httpServer = async (answer: RequestListener, path = '') => {
  const requests: SeenRequest[] = [];
  let connections = 0;
  const server = createHttpServer(async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
    } catch {
      return; // the client has left
    }
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  const at = endpoint(`http://127.0.0.1:${portOf(server)}${path}`);
  return { endpoint: at, requests, connections: () => connections };
};

/** A server that writes what it likes as soon as somebody has asked for something. */
export const rawServer = async (answer: (socket: Socket, number: number) => void) => {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => answer(socket, ++asked));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  });
  return { endpoint: endpoint(`http://127.0.0.1:${portOf(server)}`), sockets, asked: () => asked };
};
