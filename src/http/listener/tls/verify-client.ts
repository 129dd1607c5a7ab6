import type { TLSSocket } from 'node:tls';
import { wallTime } from '../../../core/clock.ts';
import { type ClientCertificate, clientCertificate, uriNames } from '../../../request/client-certificate.ts';
import { certificateFault } from './handshake-faults.ts';
import type { ClientCertificates } from './listener-tls.ts';

/** Result of the verification of the peer of a connection. */
export type VerifiedClient =
  | { readonly certificate: ClientCertificate | null }
  | { readonly refusal: string; readonly subject: string | undefined };

/** Returns the verified certificate of a client, or the reason for which its connection must be closed. */
export const verifyClient = (socket: TLSSocket, clients: ClientCertificates | null): VerifiedClient => {
  if (clients === null) return { certificate: null };
  const sent = socket.getPeerX509Certificate();
  if (sent === undefined)
    return clients.areRequired ? { refusal: 'no client certificate', subject: undefined } : { certificate: null };
  const certificate = clientCertificate(sent);
  // A resumed session was verified at its start.
  const hasExpired = certificate.validTo < wallTime();
  if (socket.authorized && !hasExpired)
    return { certificate: { ...certificate, gatewayUris: uriNames(socket.getX509Certificate()) } };
  if (socket.authorized) return { refusal: certificateFault('CERT_HAS_EXPIRED'), subject: certificate.subject };
  // Node has the code of OpenSSL here, although its type is Error.
  return { refusal: certificateFault(String(socket.authorizationError)), subject: certificate.subject };
};
