import type { X509Certificate } from 'node:crypto';
import { alternativeNamesIn } from '../config/certificates/alternative-names.ts';

/** A subject alternative name of a client. */
export interface ClientName {
  readonly kind: 'DNS' | 'URI' | 'IP' | 'email';
  /** Printable ASCII. */
  readonly value: string;
}

/** Verified certificate of a client: the parts that identify it. */
export interface ClientCertificate {
  /** Distinguished name as in RFC 2253: `CN=billing,O=Shop`. Printable ASCII; other characters are escaped. */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the certificate, in lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly names: readonly ClientName[];
  /** End of its validity, in milliseconds since 1970. */
  readonly validTo: number;
  /** URI names of the certificate that the gateway has presented to this client. Default: none. */
  readonly gatewayUris?: readonly string[];
}

const escapedBytes = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/**
 * Converts a name from Node's form, one attribute a line, to RFC 2253. Node has escaped special and control characters
 * of values already.
 */
const distinguishedName = (lines: string): string =>
  lines
    .split('\n')
    .reverse()
    // A line with several attributes has ` + ` between them; a plus of a value is escaped.
    .map((line) => line.replaceAll(' + ', '+'))
    .join(',')
    // An escaped space at an end would be lost in a header.
    .replaceAll('\\ ', '\\20')
    .replaceAll(/[^\x20-\x7e]/gu, escapedBytes);

/** Maximum number of names of a client. */
const MAX_NAMES = 100;
const KINDS: Readonly<Record<string, ClientName['kind']>> = {
  DNS: 'DNS',
  URI: 'URI',
  'IP Address': 'IP',
  email: 'email',
};

/** Returns the names that identify a client. Names of other kinds, and names with other characters, are left out. */
const clientNames = (text: string): readonly ClientName[] =>
  (alternativeNamesIn(text) ?? [])
    .flatMap(({ kind: written, value }) => {
      const kind = KINDS[written];
      return kind !== undefined && /^[\x21-\x7e]+$/.test(value) ? [{ kind, value }] : [];
    })
    .slice(0, MAX_NAMES);

/** The URI names of a certificate. Empty for none. */
export const uriNames = (certificate: X509Certificate | undefined): readonly string[] =>
  clientNames(certificate?.subjectAltName ?? '').flatMap(({ kind, value }) => (kind === 'URI' ? [value] : []));

/** Reads the parts of a certificate that identify its holder. */
export const clientCertificate = (certificate: X509Certificate): ClientCertificate => ({
  subject: distinguishedName(certificate.subject ?? ''),
  issuer: distinguishedName(certificate.issuer ?? ''),
  fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  names: clientNames(certificate.subjectAltName ?? ''),
  validTo: certificate.validToDate.getTime(),
});
