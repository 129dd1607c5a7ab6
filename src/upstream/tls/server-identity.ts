import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { WRONG_SAN } from './handshake-failure.ts';

export interface CertificateName {
  /** As Node has it: `DNS`, `URI`, `IP Address`. */
  readonly kind: string;
  readonly value: string;
}

/** Name and value; Node quotes a value with a comma, as JSON. */
const NAME = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/** Returns the alternative names of a certificate as Node has them in one text; null for a text that cannot be read. */
export const alternativeNamesIn = (text: string): readonly CertificateName[] | null => {
  const names: CertificateName[] = [];
  NAME.lastIndex = 0;
  for (let at = 0; at < text.length; at = NAME.lastIndex) {
    const [, kind = '', value = ''] = NAME.exec(text) ?? [];
    if (kind === '') return null;
    try {
      names.push({ kind, value: value.startsWith('"') ? String(JSON.parse(value)) : value });
    } catch {
      return null;
    }
  }
  return names;
};

export const isUri = (name: string): boolean => name.includes('://');

/** SPIFFE X.509-SVID, 2: a certificate with several URIs identifies nothing. */
const hasUri = (names: readonly CertificateName[], uri: string): boolean => {
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
