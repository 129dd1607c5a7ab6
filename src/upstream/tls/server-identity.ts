import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { type AlternativeName, alternativeNamesIn } from '../../config/certificates/alternative-names.ts';
import { WRONG_SAN } from './handshake-failure.ts';

export const isUri = (name: string): boolean => name.includes('://');

/** SPIFFE X.509-SVID, 2: a certificate with several URIs identifies nothing. */
const hasUri = (names: readonly AlternativeName[], uri: string): boolean => {
  const uris = names.filter(({ kind }) => kind === 'URI');
  return uris.some(({ value }) => value === uri) && (uris.length === 1 || !uri.startsWith('spiffe://'));
};

/**
 * Returns the check of a server's certificate, for `tls.connect`: one of its alternative names must be one of `accepted`,
 * a URI or a name of a host, in place of the host of the address. Without `accepted`: the host.
 */
export const serverIdentity =
  (accepted: readonly string[]) =>
  (host: string, certificate: PeerCertificate): Error | undefined => {
    if (accepted.length === 0) return checkServerIdentity(host, certificate);
    const text: string = certificate.subjectaltname ?? '';
    const names = alternativeNamesIn(text) ?? [];
    const isAccepted = accepted.some((name) =>
      isUri(name)
        ? hasUri(names, name)
        : // Without alternative names Node would compare the common name.
          names.length > 0 && checkServerIdentity(name, certificate) === undefined,
    );
    if (isAccepted) return undefined;
    const found = text === '' ? 'none' : text.replaceAll(/[^\x20-\x7e]/g, '?');
    const message = `the certificate of the server has none of the subjectAltNames of this upstream; it has ${found}`;
    return Object.assign(new Error(message), { code: WRONG_SAN });
  };
