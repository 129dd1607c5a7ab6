import type { Server, Socket } from 'node:net';
import { canonicalAddress, networkTest } from '../../../config/ip-address.ts';
import type { Clock } from '../../../core/clock.ts';
import { MAX_HEADER_LENGTH, readProxyHeader } from './proxy-header.ts';

/** Milliseconds from the accept of a connection to the end of its PROXY header. */
const HEADER_TIMEOUT_MS = 5_000;

export interface AcceptProxiedOptions {
  /** Addresses and CIDRs of the proxies. Each of their connections must begin with a PROXY header. */
  readonly networks: readonly string[];
  readonly clock: Clock;
  /** Receives the address that the header names as that of the client. */
  readonly onSource: (socket: Socket, source: string) => void;
  /** Called for a connection that is closed because of its header. */
  readonly onRefused: (socket: Socket, reason: string) => void;
}

/** Reads the header of one connection, then calls `accept`. The bytes that follow stay in the socket. */
const readHeader = (socket: Socket, { clock, onSource, onRefused }: AcceptProxiedOptions, accept: () => void): void => {
  let bytes: Buffer = Buffer.alloc(0);
  const stop = (): void => {
    timer.cancel();
    socket.off('readable', onReadable).off('end', onEnd).off('close', stop).off('error', ignore);
  };
  const refuse = (reason: string): void => {
    stop();
    onRefused(socket, reason);
    socket.on('error', ignore).destroy();
  };
  const timer = clock.after(HEADER_TIMEOUT_MS, () => refuse('no complete PROXY header in time'));
  const onReadable = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read())
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const header = readProxyHeader(bytes);
    if (header.is === 'invalid') refuse(header.reason);
    else if (header.is === 'incomplete' && bytes.length > MAX_HEADER_LENGTH) refuse('no end of the PROXY header');
    else if (header.is === 'read') {
      stop();
      if (header.source !== null) onSource(socket, header.source);
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
      accept();
    }
  };
  // Without a line in the log: a proxy may check only that the port is open.
  const onEnd = (): void => {
    stop();
    socket.on('error', ignore).destroy();
  };
  // The server's own listener for errors is added with `accept`.
  const ignore = (): void => {};
  socket.on('readable', onReadable).on('end', onEnd).on('close', stop).on('error', ignore);
};

/**
 * Makes a server read the PROXY header of connections from these networks, before TLS and HTTP. Connections from other
 * addresses have no header: one is invalid HTTP, and is refused as such. Call it before other listeners are added.
 */
export const acceptProxied = (server: Server, options: AcceptProxiedOptions): void => {
  const isProxy = networkTest(options.networks);
  const own = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const accept = (): void => {
      for (const listener of own) Reflect.apply(listener, server, [socket]);
    };
    if (isProxy(canonicalAddress(socket.remoteAddress ?? '') ?? '')) readHeader(socket, options, accept);
    else accept();
  });
};
