import type { FastifyInstance } from 'fastify';

/** Where to listen, and which variables say so. */
export interface Address {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names for messages, such as `PORT` and `HOST`. */
  readonly portVariable: string;
  readonly hostVariable: string;
}

const remedy = (code: unknown, { host, port, portVariable, hostVariable }: Address): string | null => {
  switch (code) {
    case 'EADDRINUSE':
      return `${portVariable} ${port} is already in use: stop what listens there, or set ${portVariable}`;
    case 'EACCES':
      return `${portVariable} ${port} is reserved to privileged processes: set ${portVariable} to 1024 or above`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${hostVariable} ${host} is not an address of this machine: set ${hostVariable}`;
    default:
      return null;
  }
};

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Starts to listen. @throws Error that names port and variable, and what to do. */
export const listen = async (app: FastifyInstance, address: Address): Promise<URL> => {
  const { host, port } = address;
  try {
    await app.listen({ host, port });
  } catch (error) {
    const message = error instanceof Error && 'code' in error ? remedy(error.code, address) : null;
    throw message === null ? error : new Error(message, { cause: error });
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error(`${address.portVariable}: not listening on a port`);
  return new URL(`http://${urlHost(host)}:${bound.port}`);
};
