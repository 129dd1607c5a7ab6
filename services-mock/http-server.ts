import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Listening, listen } from './listen.ts';

/** Bulk reads may have 64 KiB of ids in their URL; Node counts the URL as part of the headers. */
const MAX_HEADER_BYTES = 128 * 1024;

/** Longer than clients keep idle connections, so that clients close them and no request meets a closing connection. */
const KEEP_ALIVE_MS = 120_000;

export interface Address {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/**
 * Serves HTTP/1.1. A rejection of `serve` destroys the connection.
 *
 * @throws Error that names the address if the port is taken
 */
export const startHttpServer = async (
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  { host, port }: Address,
): Promise<Listening> => {
  const options = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS };
  const server = createServer(options, (request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: await listen(server, host, port), close };
};
