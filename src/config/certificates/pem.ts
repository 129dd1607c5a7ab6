import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { parseRevocationList, type RevocationList } from './revocation-list.ts';

/** RFC 7468, and the older label of OpenSSL. */
const CERTIFICATE = /-----BEGIN (X509 )?CERTIFICATE-----[^-]+-----END \1CERTIFICATE-----/g;
const REVOCATION_LIST = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g;
const PRIVATE_KEY = /-----BEGIN ((?:[A-Z]+ )*)PRIVATE KEY-----[\s\S]+?-----END \1PRIVATE KEY-----/;
/** The beginning of an ASN.1 sequence of more than 127 bytes: a certificate or key in DER. */
const DER = /^0[\x81-\x83]/;

/** Maximum number of certificates in one file. */
const MAX_CERTIFICATES = 1_000;

/** Command of openssl for each kind of a block. */
const COMMANDS = { certificate: 'x509', 'private key': 'pkey', 'revocation list': 'crl' };

const notPem = (text: string, what: keyof typeof COMMANDS): string => {
  if (!DER.test(text)) return `has no ${what}: use a file in PEM format`;
  const command = COMMANDS[what];
  return `is in DER format: convert it to PEM with openssl ${command} -inform DER`;
};

/** A certificate with its PEM text. */
export interface PemCertificate {
  readonly pem: string;
  readonly certificate: X509Certificate;
}

/**
 * Returns the certificates of a PEM text, in their order. Other blocks and text between blocks are skipped.
 *
 * @throws Error with the fault and its fix: the end of a sentence that begins with the name of the file
 */
export const certificatesIn = (text: string): readonly PemCertificate[] => {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error(notPem(text, 'certificate'));
  if (blocks.length > MAX_CERTIFICATES)
    throw new Error(`has more than ${MAX_CERTIFICATES} certificates: use a smaller file`);
  if (blocks.length < (text.match(/-----BEGIN (X509 )?CERTIFICATE-----/g)?.length ?? 0))
    throw new Error('has a certificate without its end: replace the file');
  return blocks.map((pem, index) => {
    try {
      return { pem: `${pem}\n`, certificate: new X509Certificate(pem) };
    } catch (cause) {
      throw new Error(`has a certificate that cannot be read (number ${index + 1}): replace it`, { cause });
    }
  });
};

/**
 * Returns the certificate revocation lists (RFC 5280, 5) of a PEM text.
 *
 * @throws Error with the fault and its fix, as `certificatesIn`
 */
export const revocationListsIn = (text: string): readonly RevocationList[] => {
  const lists = text.match(REVOCATION_LIST) ?? [];
  if (lists.length === 0) throw new Error(notPem(text, 'revocation list'));
  try {
    createSecureContext({ crl: lists });
    return lists.map(parseRevocationList);
  } catch (cause) {
    throw new Error('has a revocation list that cannot be read: replace it', { cause });
  }
};

/** A private key in PEM, as in its file. */
export interface PemKey {
  readonly pem: string;
  readonly isEncrypted: boolean;
}

/**
 * Returns the first private key of a PEM text.
 *
 * @throws Error with the fault and its fix, as `certificatesIn`
 */
export const privateKeyIn = (text: string): PemKey => {
  const pem = PRIVATE_KEY.exec(text)?.[0];
  if (pem === undefined) throw new Error(notPem(text, 'private key'));
  // PKCS#8, and the older format of OpenSSL (RFC 1421).
  return { pem, isEncrypted: pem.includes('ENCRYPTED') };
};
