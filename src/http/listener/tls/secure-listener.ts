import type { Http2Session } from 'node:http2';
import type { Server } from 'node:https';
import type { Clock } from '../../../core/clock.ts';
import type { ListenerConnections } from '../connections.ts';
import type { Http2Request, Http2Response } from '../http2/http2-messages.ts';
import { type Http2Limits, Http2Sessions } from '../http2/http2-sessions.ts';
import type { RefuseConnection } from '../peer/connection-refusals.ts';
import type { Peers } from '../peer/peers.ts';
import type { ListenerTls } from './listener-tls.ts';
import { acceptSecure, type secureServerOptions } from './secure-connections.ts';

export interface SecureListenerOptions {
  readonly server: Server;
  readonly tls: ListenerTls;
  readonly follow: ReturnType<typeof secureServerOptions>['follow'];
  readonly peers: Peers;
  readonly refuse: RefuseConnection;
  readonly clock: Clock;
  readonly limits: Http2Limits;
}

/** The part of a listener that TLS and HTTP/2 add. */
export interface SecureListener {
  readonly sessions: Http2Sessions;
  /**
   * Follows the files and the excused requests of a listener. Ends connections of clients with a certificate when an
   * authority is removed or a revocation list is new: their certificates are verified again.
   */
  followFiles(connections: ListenerConnections): void;
  /** Ends handshakes and connections of HTTP/2, the latter after their requests. */
  close(): void;
}

/** Makes a server of HTTP/1.1 over TLS serve HTTP/2 as well, with the same requests, and verify its clients. */
export const secureListener = (options: SecureListenerOptions): SecureListener => {
  const { server, tls, peers, refuse, clock, limits, follow } = options;
  const sessions = new Http2Sessions(clock, limits, (request: Http2Request, response: Http2Response) =>
    server.emit('request', request, response),
  );
  const secure = acceptSecure(server, { tls, peers, sessions, refuse });
  const closeHttp1 = server.closeAllConnections.bind(server);
  // Also for connections that Node's own function does not know.
  server.closeAllConnections = () => {
    closeHttp1();
    secure.endHandshakes();
    sessions.destroy();
  };
  let stopFollowing = (): void => {};
  return {
    sessions,
    followFiles: (connections) => {
      // Requests of HTTP/2 are marked in the same set.
      const excused = connections.excused as WeakSet<object>;
      sessions.excuse((request) => excused.has(request));
      stopFollowing = follow(server, () =>
        secure.eachVerified(
          (socket) => connections.endAfterRequests(socket),
          (session: Http2Session) => sessions.retire(session),
        ),
      );
    },
    close: () => {
      stopFollowing();
      secure.endHandshakes();
      sessions.close();
    },
  };
};
