import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { addressOf } from './grpc-server.ts';

export interface Tunnel extends AsyncDisposable {
  readonly port: number;
  /** Bytes in each direction. */
  readonly toServer: number;
  readonly toClient: number;
  /** Drops all further bytes, as a machine that lost its power does. */
  swallow(): void;
}

/** A tunnel to a local port. */
export const tunnel = async (port: number): Promise<Tunnel> => {
  const sockets: Socket[] = [];
  let toServer = 0;
  let toClient = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) sockets.push(socket.on('error', () => {}));
    near.on('data', ({ length }) => {
      toServer += length;
    });
    far.on('data', ({ length }) => {
      toClient += length;
    });
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: addressOf(server.address()).port,
    get toServer() {
      return toServer;
    },
    get toClient() {
      return toClient;
    },
    swallow: () => {
      for (const socket of sockets) socket.unpipe().resume();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
