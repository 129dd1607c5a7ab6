import { connect } from 'node:net';

export interface RouteLoad {
  readonly port: number;
  readonly path: string;
  /** Length of each body. */
  readonly bytes: number;
  readonly requests: number;
  readonly connections: number;
}

/** Fewer than the gateway accepts on a connection. */
const MAX_REQUESTS = 900;

const END_OF_HEAD = '\r\n\r\n';

/** Sends requests on kept connections, one at a time on each, until all are answered. */
export const loadOf = async ({ port, path, bytes, requests, connections }: RouteLoad): Promise<void> => {
  let left = requests;
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: bench.test\r\naccept: */*\r\n\r\n`);
  const connection = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      let missing = 0;
      let sent = 0;
      const next = (): void => {
        if (left <= 0 || sent === MAX_REQUESTS) {
          socket.destroy();
          return;
        }
        left -= 1;
        sent += 1;
        missing = 0;
        socket.write(request);
      };
      socket.on('connect', next).on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        if (missing === 0) {
          const at = chunk.indexOf(END_OF_HEAD);
          if (at === -1 || !chunk.subarray(0, 12).equals(Buffer.from('HTTP/1.1 200'))) {
            reject(new Error(`An answer begins with ${chunk.subarray(0, 100).toString('latin1')}.`));
            return;
          }
          missing = at + END_OF_HEAD.length + bytes;
        }
        missing -= chunk.length;
        if (missing === 0) next();
      });
      socket.on('close', () => {
        if (left > 0) connection().then(resolve, reject);
        else resolve();
      });
    });
  await Promise.all(Array.from({ length: connections }, connection));
};
