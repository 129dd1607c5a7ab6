import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import { connect as connectTcp, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { EgressGuard } from '../../../config/egress/egress-guard.ts';
import { type Endpoint, hostNameOf, portOf } from '../../endpoints/endpoint.ts';
import type { ClientTls } from '../../tls/upstream-tls.ts';

/** Bytes of a stream that may be in flight unread: large answers do not wait for acknowledgements every 64 KiB. */
const STREAM_WINDOW = 1_048_576;
export const CONNECTION_WINDOW = 4 * STREAM_WINDOW;

export const isSecure = ({ url }: Endpoint): boolean => url.protocol === 'grpcs:';

/** A socket that fails with this error before it connects. */
const failedSocket = (error: Error): Socket => {
  const socket = new Socket();
  setImmediate(() => socket.destroy(error));
  return socket;
};

/** Opens a socket to the resolved address. The certificate must still match the name. */
const socketTo = (endpoint: Endpoint, tls: ClientTls, guard: EgressGuard): Socket => {
  const name = hostNameOf(endpoint);
  const to = { host: endpoint.ip ?? name, port: portOf(endpoint), lookup: guard.lookup };
  const refused = guard.refusedAddress(name, to.host);
  if (refused !== null) return failedSocket(refused);
  return isSecure(endpoint)
    ? connectTls({ ...tls.optionsFor(endpoint), ...to, ALPNProtocols: ['h2'] })
    : connectTcp(to);
};

/** A started HTTP/2 connection, with its socket. */
export interface Dialled {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;
}

/** Starts an HTTP/2 connection to an endpoint. One to an address that the guard refuses fails. */
export const dial = (endpoint: Endpoint, tls: ClientTls, guard: EgressGuard): Dialled => {
  const { url } = endpoint;
  const socket = socketTo(endpoint, tls, guard);
  const session = connect(`${isSecure(endpoint) ? 'https' : 'http'}://${url.host}`, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    // The cap on each answer bounds the memory. This limit would reject calls at random.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  return { session, socket };
};
