import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { EgressGuard } from '../../../config/egress/egress-guard.ts';
import { type Endpoint, hostNameOf, portOf } from '../../endpoints/endpoint.ts';
import type { ClientTls } from '../../tls/upstream-tls.ts';

/** Bytes of a stream that may be in flight unread: large answers do not wait for acknowledgements every 64 KiB. */
const STREAM_WINDOW = 1_048_576;
export const CONNECTION_WINDOW = 4 * STREAM_WINDOW;

export const isSecure = ({ url }: Endpoint): boolean => url.protocol === 'grpcs:';

/**
 * Where a socket connects. For an address that the guard refuses it is a name, of which the lookup fails: the socket of
 * a session must be connecting.
 */
const targetOf = (endpoint: Endpoint, guard: EgressGuard) => {
  const name = hostNameOf(endpoint);
  const [host, port] = [endpoint.ip ?? name, portOf(endpoint)];
  const refused = guard.refusedAddress(name, host);
  if (refused === null) return { host, port, lookup: guard.lookup };
  const lookup: LookupFunction = (_name, _options, found) => void setImmediate(found, refused, '');
  return { host: 'refused.invalid', port, lookup };
};

/** Opens a socket to the resolved address, or uses this tunnel to it. The certificate must still match the name. */
const socketTo = (endpoint: Endpoint, tls: ClientTls, guard: EgressGuard, tunnel: Socket | null): Socket => {
  if (tunnel !== null) {
    // TLS reports the loss of the connection below it through its own socket.
    tunnel.on('error', () => {});
    return isSecure(endpoint)
      ? connectTls({ ...tls.optionsFor(endpoint), socket: tunnel, ALPNProtocols: ['h2'] })
      : tunnel;
  }
  const to = targetOf(endpoint, guard);
  return isSecure(endpoint)
    ? connectTls({ ...tls.optionsFor(endpoint), ...to, ALPNProtocols: ['h2'] })
    : connectTcp(to);
};

/** A started HTTP/2 connection, with its socket. */
export interface Dialled {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;
}

/**
 * Starts an HTTP/2 connection to an endpoint, through this tunnel or directly. A direct one to an address that the guard
 * refuses fails.
 */
export const dial = (endpoint: Endpoint, tls: ClientTls, guard: EgressGuard, tunnel: Socket | null): Dialled => {
  const { url } = endpoint;
  const socket = socketTo(endpoint, tls, guard, tunnel);
  const session = connect(`${isSecure(endpoint) ? 'https' : 'http'}://${url.host}`, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    // The cap on each answer bounds the memory. This limit would reject calls at random.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  return { session, socket };
};
