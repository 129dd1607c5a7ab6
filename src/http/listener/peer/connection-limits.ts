import type { Server, Socket } from 'node:net';
import { canonicalAddress, networkTest } from '../../../config/ip-address.ts';
import { networkOf } from '../../../rate-limit/client-key.ts';
import type { RefuseConnection } from './connection-refusals.ts';

/** Bounds of the number of open connections of a listener. */
export interface ClientConnectionLimits {
  readonly all: number;
  /** Of one IPv4 address, or of one IPv6 network of 64 bits; null for no bound. */
  readonly perAddress: number | null;
}

/**
 * Closes connections beyond the limits before their first byte is read. Connections of proxies count for the address in
 * their PROXY header if they have one, else only for all. Returns the function that counts a connection for that address. Call
 * it before the server listens.
 */
export const limitConnections = (
  server: Server,
  { all, perAddress }: ClientConnectionLimits,
  proxies: readonly string[],
  refuse: RefuseConnection,
): ((socket: Socket, address: string) => void) => {
  const isProxy = proxies.length === 0 ? () => false : networkTest(proxies);
  /** Open connections by network. As many entries as connections at most. */
  const open = new Map<string, number>();

  const admit = (socket: Socket, address: string): void => {
    if (perAddress === null) return;
    const network = networkOf(address);
    const count = (open.get(network) ?? 0) + 1;
    if (count > perAddress) {
      refuse('too many connections of one address', address);
      socket.destroy();
      return;
    }
    open.set(network, count);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left === 0) open.delete(network);
      else open.set(network, left);
    });
  };

  server.maxConnections = all;
  server.on('drop', (data) => refuse('too many connections', data?.remoteAddress));
  server.prependListener('connection', (socket: Socket) => {
    const address = canonicalAddress(socket.remoteAddress ?? '') ?? '';
    if (!isProxy(address)) admit(socket, address);
  });
  return admit;
};
