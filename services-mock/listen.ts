import type { Server } from 'node:net';

/** Address of a server, and how to stop it. */
export interface Listening {
  readonly port: number;
  /** Stops listening, destroys open connections, and resolves when both are done. */
  close(): Promise<void>;
}

/**
 * Listens on `port`, 0 for any free one, and resolves with the port.
 *
 * @throws Error with address and fix if the port is taken
 */
export const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      const message = `Port ${port} on ${host} is in use: choose another one, or stop what listens there`;
      reject(taken ? new Error(message, { cause: error }) : error);
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
