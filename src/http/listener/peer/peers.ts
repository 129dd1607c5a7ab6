import type { IncomingMessage } from 'node:http';
import type { PeerConnection } from '../../client/client.ts';
import { Http2Request } from '../http2/http2-messages.ts';

/** The connections of one listener, of which more is known than the address of the socket. */
export class Peers {
  readonly #known = new WeakMap<object, PeerConnection>();

  /** Sets what is known of a socket, or of a session of HTTP/2. */
  set(connection: object, peer: PeerConnection): void {
    this.#known.set(connection, peer);
  }

  get(connection: object): PeerConnection | undefined {
    return this.#known.get(connection);
  }

  /** Returns the connection of a request. Default: without TLS, with the address of the socket. */
  of(request: IncomingMessage): PeerConnection {
    const { socket } = request;
    const connection = request instanceof Http2Request ? request.stream.session : socket;
    const known = connection === undefined ? undefined : this.#known.get(connection);
    return known ?? { address: socket.remoteAddress, scheme: 'http', certificate: null };
  }
}
