import { randomBytes } from 'node:crypto';
import type { Http2Session } from 'node:http2';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { listPems } from '../../../config/certificates/trusted-certificates.ts';
import type { Http2Sessions } from '../http2/http2-sessions.ts';
import type { RefuseConnection } from '../peer/connection-refusals.ts';
import type { Peers } from '../peer/peers.ts';
import { CertificateContexts, contextOptions } from './certificate-contexts.ts';
import { handshakeFault } from './handshake-faults.ts';
import type { ListenerTls } from './listener-tls.ts';
import { verifyClient } from './verify-client.ts';

/** Milliseconds from the accept of a connection to the end of its handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** The names of the protocols that are offered, in the order of preference. */
const PROTOCOLS = ['h2', 'http/1.1'];

const optionsOf = ({ pairs, minVersion, clients }: ListenerTls) => ({
  pairs: pairs.map((pair) => pair.current()),
  context: { minVersion, clients: clients === null ? null : clients.authorities.current() },
});

/** Chooses the certificate of a connection. Certificates that have changed are in use from the next handshake on. */
class ServedCertificates {
  readonly #tls: ListenerTls;
  #contexts: CertificateContexts;

  constructor(tls: ListenerTls) {
    this.#tls = tls;
    this.#contexts = this.#make();
  }

  of(name: string): SecureContext | undefined {
    return this.#contexts.of(name);
  }

  reload(): void {
    this.#contexts = this.#make();
  }

  #make(): CertificateContexts {
    const { pairs, context } = optionsOf(this.#tls);
    return new CertificateContexts(pairs, context);
  }
}

const firstOptions = (tls: ListenerTls) => {
  const { pairs, context } = optionsOf(tls);
  const [first] = pairs;
  if (first === undefined) throw new Error('a listener with TLS needs a certificate');
  return contextOptions(first, context);
};

/** Options for `https.createServer`, and the function that follows changes of the files. */
export const secureServerOptions = (tls: ListenerTls) => {
  const certificates = new ServedCertificates(tls);
  return {
    options: {
      ...firstOptions(tls),
      ALPNProtocols: PROTOCOLS,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: tls.clients !== null,
      // Node would close the connection without a reason. `acceptSecure` refuses it, with a line in the log.
      rejectUnauthorized: false,
      SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) =>
        done(null, certificates.of(name)),
    },
    /** Uses changed files for new connections. `onRevocation` is called after the removal of an authority, and for a new revocation list. */
    follow: (server: Server, onRevocation: () => void): (() => void) => {
      const reload = (): void => {
        certificates.reload();
        server.setSecureContext(firstOptions(tls));
        // A session of the old certificates would be resumed without a verification of its client.
        server.setTicketKeys(randomBytes(48));
      };
      const ends = tls.pairs.map((pair) => pair.onChange(reload));
      if (tls.clients !== null) {
        const { authorities } = tls.clients;
        let trusted = authorities.current();
        ends.push(
          authorities.onChange((next) => {
            const isRemoved = trusted.pems.some((pem) => !next.pems.includes(pem));
            const hasNewList = listPems(next).some((list) => !listPems(trusted).includes(list));
            const isRevoked = isRemoved || hasNewList;
            trusted = next;
            reload();
            if (isRevoked) onRevocation();
          }),
        );
      }
      return () => {
        for (const end of ends) end();
      };
    },
  };
};

/** Returns the TCP socket below a TLS socket, on which a PROXY header was read. */
const transportOf = (socket: TLSSocket): object | null => {
  // There is no public property.
  const parent: unknown = Reflect.get(socket, '_parent');
  return typeof parent === 'object' ? parent : null;
};

export interface AcceptSecureOptions {
  readonly tls: ListenerTls;
  readonly peers: Peers;
  readonly sessions: Http2Sessions;
  readonly refuse: RefuseConnection;
}

/** Connections in their handshake, and those of clients with a certificate. */
export interface SecureConnections {
  /** Cuts connections with an incomplete handshake. */
  endHandshakes(): void;
  /** Calls one of the functions for each connection of a client with a certificate. */
  eachVerified(onSocket: (socket: Socket) => void, onSession: (session: Http2Session) => void): void;
}

/**
 * Passes connections on after their handshake: HTTP/2 to its sessions, all others to the server's own HTTP/1.1. Connections
 * of clients that do not verify are closed.
 */
export const acceptSecure = (
  server: Server,
  { tls, peers, sessions, refuse }: AcceptSecureOptions,
): SecureConnections => {
  const handshakes = new Set<object>();
  const verified = new Map<TLSSocket, Http2Session | null>();
  const http1 = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  // Node would pass a failed handshake to the handler of invalid HTTP.
  server.removeAllListeners('tlsClientError');

  server.on('connection', (socket: Socket) => {
    handshakes.add(socket);
    socket.once('close', () => handshakes.delete(socket));
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const fault = handshakeFault(error.code);
    if (fault !== null) refuse(fault, socket.remoteAddress);
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    const transport = transportOf(socket);
    if (transport !== null) handshakes.delete(transport);
    const address = (transport !== null ? peers.get(transport)?.address : undefined) ?? socket.remoteAddress;
    const client = verifyClient(socket, tls.clients);
    if ('refusal' in client) {
      refuse(client.refusal, address, { subject: client.subject });
      socket.destroy();
      return;
    }
    const peer = { address, scheme: 'https' as const, certificate: client.certificate };
    const isHttp2 = socket.alpnProtocol === 'h2';
    const session = isHttp2 ? sessions.open(socket) : null;
    if (isHttp2 && session === null) {
      socket.destroy();
      return;
    }
    peers.set(session ?? socket, peer);
    if (client.certificate !== null) {
      verified.set(socket, session);
      socket.once('close', () => verified.delete(socket));
    }
    if (session === null) for (const listener of http1) Reflect.apply(listener, server, [socket]);
  });

  return {
    endHandshakes: () => {
      for (const socket of handshakes) Reflect.get(socket, 'destroy').call(socket);
    },
    eachVerified: (onSocket, onSession) => {
      for (const [socket, session] of verified) {
        if (session === null) onSocket(socket);
        else onSession(session);
      }
    },
  };
};
