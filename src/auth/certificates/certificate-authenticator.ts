import type { ClientCertificate } from '../../request/client-certificate.ts';
import type { CertificateHolder } from '../../request/principal.ts';
import type { Authentication, Authenticator } from '../authenticator.ts';

const principals = new WeakMap<ClientCertificate, CertificateHolder>();

/** The principal of a certificate: one object for all requests of a connection. */
const holderOf = (certificate: ClientCertificate): CertificateHolder => {
  const known = principals.get(certificate);
  if (known !== undefined) return known;
  const { subject, issuer, names } = certificate;
  const holder: CertificateHolder = {
    kind: 'certificate',
    subject,
    issuer,
    names: names.map(({ kind, value }) => `${kind}:${value}`),
    scopes: [],
    roles: [],
  };
  principals.set(certificate, holder);
  return holder;
};

const MESSAGE = 'The client certificate has expired.';

// A connection may outlive its certificate, which was verified at its start.
const EXPIRED: Authentication = {
  is: 'invalid',
  message: MESSAGE,
  challenge: `Bearer error="invalid_request", error_description="${MESSAGE}"`,
};

/**
 * Authenticates a caller by the certificate of its TLS connection, which the listener has verified. `wallTime` returns
 * milliseconds since 1970.
 */
export const certificateAuthenticator = (wallTime: () => number): Authenticator => ({
  credentialOf: ({ certificate }) =>
    certificate === undefined
      ? null
      : {
          source: 'certificate',
          // The handshake has proven the possession of its key.
          isKnown: () => true,
          verify: async () =>
            certificate.validTo < wallTime() ? EXPIRED : { is: 'authenticated', principal: holderOf(certificate) },
        },
  close: () => {},
});
