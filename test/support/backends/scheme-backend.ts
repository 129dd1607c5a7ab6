import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Server, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { selfSigned } from '../certificates/local-certificate.ts';
import { portOf } from '../processes/ports.ts';

/** The certificate of backends over `https`, which is its own authority. */
export const BACKEND_CERTIFICATE = selfSigned();

/** Listens on 127.0.0.1 until the test ends, and returns the port. */
export const listening = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return portOf(server);
};

/** A backend over this scheme that records the times at which requests arrive, until the test ends. */
export const backendOver = async (
  scheme: string,
  answer: RequestListener = (_request, response) => response.end('"well"'),
) => {
  const arrivals: number[] = [];
  const serve: RequestListener = (request, response) => {
    arrivals.push(performance.now());
    response.setHeader('content-type', 'application/json');
    answer(request, response);
  };
  const port = await listening(scheme === 'https' ? createHttps(BACKEND_CERTIFICATE, serve) : createHttp(serve));
  return { url: `${scheme}://127.0.0.1:${port}`, port, arrivals };
};
