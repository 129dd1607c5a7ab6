import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { IssuedCertificate } from '../certificates/test-authority.ts';

export interface TlsServer {
  readonly port: number;
  /** Requests with the server name that was sent, and the serial number of the client's certificate. */
  readonly requests: { readonly servername: string | false | null | undefined; readonly client: string | undefined }[];
  /** Number of connections that were accepted. */
  readonly connections: () => number;
  /** Replaces the certificate for new connections. */
  replace(certificate: Pick<IssuedCertificate, 'chain' | 'key'>): void;
}

/** An HTTPS server on 127.0.0.1 until the test ends, which answers `{}` unless `answer` does. */
export const tlsServer = async (
  { chain, key }: Pick<IssuedCertificate, 'chain' | 'key'>,
  options: ServerOptions = {},
  answer: (request: IncomingMessage) => string | Promise<string> = () => '{}',
): Promise<TlsServer> => {
  const requests: { servername: string | false | null | undefined; client: string | undefined }[] = [];
  let connections = 0;
  const server = createSecureServer({ cert: chain, key, ...options }, async (request, response) => {
    const { socket } = request;
    if (socket instanceof TLSSocket)
      requests.push({ servername: socket.servername, client: socket.getPeerX509Certificate()?.serialNumber });
    response.setHeader('content-type', 'application/json').end(await answer(request));
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    connections: () => connections,
    replace: (next) => server.setSecureContext({ ...options, cert: next.chain, key: next.key }),
  };
};

/** An HTTP server without TLS on 127.0.0.1 until the test ends. */
export const plainServer = async (): Promise<number> => {
  const server = createServer((_, response) => response.end('{}'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};
