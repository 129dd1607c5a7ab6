import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { SecretText } from '../secrets/secret.ts';
import { type CertificateFile, CertificateFileError, readCertificateFile } from './certificate-file.ts';
import { certificatesIn } from './pem.ts';
import { parsePrivateKey } from './private-key.ts';

/** Files of a certificate with its key. */
export interface KeyPairFiles {
  /** The certificate, followed by the intermediate ones that its authority requires. */
  readonly certificate: CertificateFile;
  readonly key: CertificateFile;
  /** The passphrase of an encrypted key; null without one. */
  readonly passphrase: CertificateFile | null;
}

/** A certificate with its key, as `tls.createSecureContext` takes them: `cert` and `key`. */
export interface KeyPair {
  /** PEM of the certificate, followed by its intermediate ones. */
  readonly certificateChain: string;
  /** PEM of the key, without a passphrase. */
  readonly key: SecretText;
  readonly leaf: X509Certificate;
  /** The leaf and the intermediate certificates. */
  readonly certificates: readonly X509Certificate[];
}

const passphraseIn = async (file: CertificateFile | null): Promise<string | null> =>
  // A line end after the passphrase is the editor's.
  file === null ? null : (await readCertificateFile(file)).replace(/\r?\n$/, '');

/** Runs `parse`. Its errors are faults of this file. */
const inFile = <Value>(file: CertificateFile, parse: () => Value): Value => {
  try {
    return parse();
  } catch (error) {
    throw new CertificateFileError(file, error instanceof Error ? error.message : 'cannot be read', { cause: error });
  }
};

/** OpenSSL's own check, as of the length of keys and of the hash of signatures. */
const refuseUnusable = ({ certificateChain, key }: Pick<KeyPair, 'certificateChain' | 'key'>): void => {
  try {
    createSecureContext({ cert: certificateChain, key: key.reveal() });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Error(`cannot be used for TLS (${code}): replace it`);
  }
};

/**
 * Reads a certificate and its key, and checks that they belong together. Their validity is not checked.
 *
 * @throws CertificateFileError with the first fault of each kind
 */
export const readKeyPair = async ({ certificate, key, passphrase }: KeyPairFiles): Promise<KeyPair> => {
  const [certificateText, keyText, secret] = await Promise.all([
    readCertificateFile(certificate),
    readCertificateFile(key),
    passphraseIn(passphrase),
  ]);
  const found = inFile(certificate, () => certificatesIn(certificateText));
  const privateKey = inFile(key, () => parsePrivateKey(keyText, secret));
  const certificates = found.map((one) => one.certificate);
  const [leaf] = certificates;
  if (leaf === undefined) throw new CertificateFileError(certificate, 'has no certificate');
  inFile(certificate, () => {
    if (leaf.checkPrivateKey(privateKey)) return;
    throw new Error(
      certificates.some((one) => one.checkPrivateKey(privateKey))
        ? 'has the certificate of the key after others: put it first, then the intermediate ones'
        : `is not the certificate of the key in ${key.path}: replace one of them`,
    );
  });
  const pair = {
    certificateChain: found.map(({ pem }) => pem).join(''),
    key: new SecretText(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
  };
  inFile(certificate, () => refuseUnusable(pair));
  return { ...pair, leaf, certificates };
};

export const isSameKeyPair = (one: KeyPair, other: KeyPair): boolean =>
  one.certificateChain === other.certificateChain && one.key.reveal() === other.key.reveal();
