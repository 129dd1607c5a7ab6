import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Endpoint, hostNameOf, portOf } from '../../endpoints/endpoint.ts';
import type { ClientTls } from '../../tls/upstream-tls.ts';

/** Bytes of a stream that may be in flight unread: large answers do not wait for acknowledgements every 64 KiB. */
const STREAM_WINDOW = 1_048_576;
export const CONNECTION_WINDOW = 4 * STREAM_WINDOW;

export const isSecure = ({ url }: Endpoint): boolean => url.protocol === 'grpcs:';

/** Opens a socket to the resolved address. The certificate must still match the name. */
const socketTo = (endpoint: Endpoint, tls: ClientTls): Socket => {
  const to = { host: endpoint.ip ?? hostNameOf(endpoint), port: portOf(endpoint) };
  return isSecure(endpoint)
    ? connectTls({ ...tls.optionsFor(endpoint), ...to, ALPNProtocols: ['h2'] })
    : connectTcp(to);
};

/** A started HTTP/2 connection, with its socket. */
export interface Dialled {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;
}

/** Starts an HTTP/2 connection to an endpoint. */
export const dial = (endpoint: Endpoint, tls: ClientTls): Dialled => {
  const { url } = endpoint;
  const socket = socketTo(endpoint, tls);
  const session = connect(`${isSecure(endpoint) ? 'https' : 'http'}://${url.host}`, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    // The cap on each answer bounds the memory. This limit would reject calls at random.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  return { session, socket };
};
