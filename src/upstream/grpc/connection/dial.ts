import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { type Endpoint, portOf } from '../../endpoints/endpoint.ts';

/** Bytes of a stream that may be in flight unread: large answers do not wait for acknowledgements every 64 KiB. */
const STREAM_WINDOW = 1_048_576;
export const CONNECTION_WINDOW = 4 * STREAM_WINDOW;

export const isSecure = ({ url }: Endpoint): boolean => url.protocol === 'grpcs:';

/** Opens a socket to the resolved address. The certificate must still match the name. */
const socketTo = (ip: string, endpoint: Endpoint, tls: SecureContextOptions): Socket => {
  const to = { host: ip, port: portOf(endpoint) };
  if (!isSecure(endpoint)) return connectTcp(to);
  const { hostname } = endpoint.url;
  return connectTls({ ...tls, ...to, ALPNProtocols: ['h2'], ...(isIP(hostname) === 0 && { servername: hostname }) });
};

/** Starts an HTTP/2 connection to an endpoint. */
export const dial = (endpoint: Endpoint, tls: SecureContextOptions): ClientHttp2Session => {
  const { ip, url } = endpoint;
  return connect(`${isSecure(endpoint) ? 'https' : 'http'}://${url.host}`, {
    ...tls,
    ...(ip !== null && { createConnection: () => socketTo(ip, endpoint, tls) }),
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    // The cap on each answer bounds the memory. This limit would reject calls at random.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
};
