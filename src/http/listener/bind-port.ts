import { once } from 'node:events';
import { createServer } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';

/** An address to listen on, with the variables that set it. */
export interface Address {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Variable names for messages, such as `PORT` and `HOST`. */
  readonly portVariable: string;
  readonly hostVariable: string;
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error;

/** Returns the message for a failure to listen; null for an error that does not come from the system. */
const faultOf = (error: unknown, { host, port, portVariable, hostVariable }: Address): string | null => {
  if (!isSystemError(error)) return null;
  const { code, syscall } = error;
  if (syscall === 'getaddrinfo')
    return `${hostVariable} ${host} cannot be resolved (${code}): set ${hostVariable} to an address of this machine, such as 0.0.0.0`;
  switch (code) {
    case 'EADDRINUSE':
      return `${portVariable} ${port} is already in use: stop what listens there, or set ${portVariable}`;
    case 'EACCES':
      return `${portVariable} ${port} requires privileges: set ${portVariable} to 1024 or above`;
    case 'EADDRNOTAVAIL':
      return `${hostVariable} ${host} is not an address of this machine: set ${hostVariable}`;
    default:
      return `${hostVariable} ${host} with ${portVariable} ${port}: listening failed (${code}): set ${hostVariable} or ${portVariable}`;
  }
};

/**
 * Returns the reason for which no server can listen at this address, with variable and fix; null for a usable address.
 * It listens there for a moment, so that faults of both listeners are reported at the start together with all others.
 */
export const listenFault = async (address: Address): Promise<string | null> => {
  const server = createServer().listen({ host: address.host, port: address.port });
  try {
    await once(server, 'listening');
    return null;
  } catch (error) {
    return faultOf(error, address) ?? `${address.hostVariable} ${address.host}: ${String(error)}`;
  } finally {
    if (server.listening) await once(server.close(), 'close');
  }
};

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Starts to listen. @throws Error with port, variable and fix */
export const listenOnPort = async (app: FastifyInstance, address: Address): Promise<URL> => {
  const { host, port } = address;
  try {
    await app.listen({ host, port });
  } catch (error) {
    const message = faultOf(error, address);
    throw message === null ? error : new Error(message, { cause: error });
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error(`${address.portVariable}: not listening on a port`);
  return new URL(`${app.server instanceof TlsServer ? 'https' : 'http'}://${urlHost(host)}:${bound.port}`);
};
