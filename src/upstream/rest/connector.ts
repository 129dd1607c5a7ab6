import { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import type { EgressGuard } from '../../config/egress/egress-guard.ts';
import { guardedConnector } from '../../config/egress/guarded-connector.ts';
import { type Endpoint, hostNameOf } from '../endpoints/endpoint.ts';
import { HANDSHAKE_TIMEOUT, isClientCertificateAlert } from '../tls/handshake-failure.ts';
import type { ClientTls } from '../tls/upstream-tls.ts';

export interface ConnectorOptions {
  /** Timeout of a connect in milliseconds, TLS handshake included. */
  readonly connectTimeoutMs: number;
  readonly http2: boolean;
  readonly tls: ClientTls;
  /** Decides which addresses may be connected to. */
  readonly guard: EgressGuard;
}

/**
 * Counts refusals of the client's certificate, which TLS 1.3 has after the handshake of the client, and ends the
 * connection with the error of the handshake.
 */
const watchRefusals = (endpoint: Endpoint, socket: Socket, tls: ClientTls): void => {
  socket.once('error', (error: Error) => {
    // After other errors of TLS the server may have processed the request.
    if (socket.bytesRead > 0 || !isClientCertificateAlert(error)) return;
    // Node leaves the socket open after an alert. undici would report the end of the connection in place of the alert.
    socket.destroy(tls.failed(endpoint, error, socket));
  });
  socket.once('end', () => {
    if (socket.bytesRead === 0) tls.closedEarly(endpoint);
  });
};

/** Returns the function that makes undici's connector for the present certificates: one for all connections with them. */
const presentConnector = (endpoint: Endpoint, { connectTimeoutMs, http2, tls, guard }: ConnectorOptions) => {
  let made: { readonly context: SecureContext; readonly connector: buildConnector.connector } | null = null;
  return () => {
    const { servername, ...secure } = tls.optionsFor(endpoint);
    if (made?.context !== secure.secureContext) {
      // A resumed session is not verified again, and has the certificate of its first connection.
      const own = { ...secure, maxCachedSessions: 0, allowH2: http2, timeout: connectTimeoutMs };
      const connector = guardedConnector(own, guard, hostNameOf(endpoint));
      made = { context: secure.secureContext, connector };
    }
    return { connector: made.connector, servername };
  };
};

const plainConnector = (
  endpoint: Endpoint,
  { connectTimeoutMs, guard }: ConnectorOptions,
): buildConnector.connector => {
  const connector = guardedConnector({ allowH2: false, timeout: connectTimeoutMs }, guard, hostNameOf(endpoint));
  return (options, connected) => connector({ ...options, ...targetOf(endpoint) }, connected);
};

/** Host header and certificate check keep the name. Only the DNS lookup is skipped. */
const targetOf = ({ ip }: Endpoint): { readonly hostname?: string } => (ip === null ? {} : { hostname: ip });

/** The error of a connect to a server that was reached: its timeout is one of the handshake. */
const afterReach = (error: Error): Error =>
  'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT'
    ? Object.assign(new Error('the handshake timed out', { cause: error }), { code: HANDSHAKE_TIMEOUT })
    : error;

/** Returns undici's connector to an endpoint. */
export const connectorTo = (endpoint: Endpoint, options: ConnectorOptions): buildConnector.connector => {
  if (endpoint.url.protocol !== 'https:') return plainConnector(endpoint, options);
  const { tls } = options;
  const present = presentConnector(endpoint, options);
  return (target, connected) => {
    const { connector, servername } = present();
    // Without a name of its own, an address has none.
    const named = { ...target, servername: servername ?? '' };
    // A tunnel is open already.
    let isReached = target.httpSocket !== undefined;
    // Undeclared: the connector returns its socket.
    const socket: unknown = connector({ ...named, ...targetOf(endpoint) }, (...[error, open]) => {
      if (error !== null) return connected(tls.failed(endpoint, isReached ? afterReach(error) : error, socket), null);
      tls.connected(endpoint, open);
      watchRefusals(endpoint, open, tls);
      return connected(null, open);
    });
    if (socket instanceof Socket)
      socket.once('connect', () => {
        isReached = true;
      });
    return socket;
  };
};
