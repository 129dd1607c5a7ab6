import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { freePort } from '../processes/ports.ts';

/** A real HTTP server with a conduct that a test changes. Each answer is JSON with the server's name. */
export interface SwitchableServer {
  readonly name: string;
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Status of every answer but those to /healthz. */
  status: number;
  /** Status of answers to /healthz. */
  health: number;
  /** Milliseconds until an answer. */
  delayMs: number;
  /** Requests, without those to /healthz. */
  requests: number;
  /** The most requests in flight at one time, without those to /healthz. */
  peak: number;
  /** Closes the port and every connection. */
  kill(): Promise<void>;
}

/** Starts a server that answers 200 until the test ends. */
export const switchableServer = async (name: string): Promise<SwitchableServer> => {
  const port = await freePort();
  let inFlight = 0;
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/healthz') {
      response.writeHead(conduct.health).end();
      return;
    }
    conduct.requests += 1;
    inFlight += 1;
    conduct.peak = Math.max(conduct.peak, inFlight);
    response.once('close', () => {
      inFlight -= 1;
    });
    setTimeout(() => {
      response.writeHead(conduct.status).end(JSON.stringify({ server: name }));
    }, conduct.delayMs);
  });
  const kill = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const conduct: SwitchableServer = {
    name,
    address: `127.0.0.1:${port}`,
    status: 200,
    health: 200,
    delayMs: 0,
    requests: 0,
    peak: 0,
    kill,
  };
  await once(server.listen(port, '127.0.0.1'), 'listening');
  onTestFinished(kill);
  return conduct;
};
