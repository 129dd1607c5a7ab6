import type { X509Certificate } from 'node:crypto';

/** A subject alternative name of a certificate. */
export interface AlternativeName {
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
  readonly names: readonly AlternativeName[];
  /** End of its validity, in milliseconds since 1970. */
  readonly validTo: number;
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

/** Maximum number of alternative names that are read. */
const MAX_NAMES = 100;
/** Node quotes a value as JSON if it has a comma or other special characters. */
const NAME = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g;
const KINDS: Readonly<Record<string, AlternativeName['kind']>> = {
  DNS: 'DNS',
  URI: 'URI',
  'IP Address': 'IP',
  email: 'email',
};

const unquoted = (text: string): string => {
  if (!text.startsWith('"')) return text;
  const value: unknown = JSON.parse(text);
  return typeof value === 'string' ? value : '';
};

/** Reads Node's text of the alternative names. Names of other kinds, and names with other characters, are left out. */
const alternativeNames = (text: string): readonly AlternativeName[] => {
  const names: AlternativeName[] = [];
  for (const [, written = '', quoted = ''] of text.matchAll(NAME)) {
    const [kind, value] = [KINDS[written], unquoted(quoted)];
    if (kind !== undefined && /^[\x21-\x7e]+$/.test(value)) names.push({ kind, value });
    if (names.length === MAX_NAMES) break;
  }
  return names;
};

/** Reads the parts of a certificate that identify its holder. */
export const clientCertificate = (certificate: X509Certificate): ClientCertificate => ({
  subject: distinguishedName(certificate.subject ?? ''),
  issuer: distinguishedName(certificate.issuer ?? ''),
  fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  names: alternativeNames(certificate.subjectAltName ?? ''),
  validTo: certificate.validToDate.getTime(),
});
