import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { ClientTls } from '../tls/upstream-tls.ts';

export interface ConnectorOptions {
  /** Timeout of a connect in milliseconds, TLS handshake included. */
  readonly connectTimeoutMs: number;
  readonly http2: boolean;
  readonly tls: ClientTls;
}

/** Counts refusals of the client's certificate, which TLS 1.3 has after the handshake of the client. */
const countRefusals = (endpoint: Endpoint, socket: Socket, tls: ClientTls): void => {
  socket.once('error', (error: Error) => {
    // Node leaves the socket open after an alert. undici would report the end of the connection in place of the alert.
    if (tls.failed(endpoint, error, socket) !== error) socket.destroy();
  });
  socket.once('end', () => {
    if (socket.bytesRead === 0) tls.closedEarly(endpoint);
  });
};

/** Returns undici's connector to an endpoint. Connections to `https:` use the certificates of the time of this call. */
export const connectorTo = (
  endpoint: Endpoint,
  { connectTimeoutMs, http2, tls }: ConnectorOptions,
): buildConnector.connector => {
  const { ip } = endpoint;
  const isSecure = endpoint.url.protocol === 'https:';
  const { servername, ...secure } = isSecure ? tls.optionsFor(endpoint) : {};
  const connector = buildConnector({ ...secure, allowH2: http2, timeout: connectTimeoutMs });
  return (options, connected) => {
    // Host header and certificate check keep the name. Only the DNS lookup is skipped.
    const target = {
      ...options,
      ...(ip !== null && { hostname: ip }),
      ...(servername !== undefined && { servername }),
    };
    if (!isSecure) return connector(target, connected);
    // Undeclared: the connector returns its socket.
    const socket: unknown = connector(target, (...[error, open]) => {
      if (error !== null) return connected(tls.failed(endpoint, error, socket), null);
      tls.connected(endpoint, open);
      countRefusals(endpoint, open, tls);
      return connected(null, open);
    });
    return socket;
  };
};
