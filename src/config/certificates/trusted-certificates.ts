import type { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { type CertificateFile, CertificateFileError, readCertificateFile } from './certificate-file.ts';
import { certificatesIn, revocationListsIn } from './pem.ts';
import type { RevocationList } from './revocation-list.ts';

/** Files with certificates of authorities. */
export interface TrustedFiles {
  readonly files: readonly CertificateFile[];
  /** True to trust the authorities that Node trusts as well: its own list and `NODE_EXTRA_CA_CERTS`. */
  readonly withSystem: boolean;
  /** Files with certificate revocation lists. Default: none. */
  readonly revocations?: readonly CertificateFile[];
}

/** A certificate of an authority, with the path of its file. */
export interface TrustedCertificate {
  readonly path: string;
  readonly certificate: X509Certificate;
}

/** A revocation list, with the path of its file. */
export interface TrustedList {
  readonly path: string;
  readonly list: RevocationList;
}

/** The certificates of authorities that are trusted, as `tls.createSecureContext` takes them: `ca`. */
export interface TrustedCertificates {
  /** PEM of each, those of the system included. */
  readonly pems: readonly string[];
  /** The certificates of the files, without those of the system. */
  readonly certificates: readonly TrustedCertificate[];
  /** Revocation lists. With one or more, each authority of a chain needs its own. Default: none. */
  readonly revocations?: readonly TrustedList[];
}

/** OpenSSL trusts a chain that ends in a self-signed certificate of the list. */
export const isRoot = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate);

/** Reads the blocks of a file. */
const blocksOf = async <Block>(file: CertificateFile, read: (text: string) => readonly Block[]) => {
  const text = await readCertificateFile(file);
  try {
    return read(text);
  } catch (error) {
    throw new CertificateFileError(file, error instanceof Error ? error.message : 'cannot be read', { cause: error });
  }
};

/**
 * Reads the certificates of authorities. Their validity is not checked: lists of authorities often have expired ones.
 *
 * @throws CertificateFileError with the first fault
 */
export const readTrustedCertificates = async ({
  files,
  withSystem,
  revocations = [],
}: TrustedFiles): Promise<TrustedCertificates> => {
  const certificatesOf = async (file: CertificateFile) =>
    (await blocksOf(file, certificatesIn)).map((one) => ({ ...one, path: file.path }));
  const found = (await Promise.all(files.map(certificatesOf))).flat();
  const listsOf = async (file: CertificateFile) =>
    (await blocksOf(file, revocationListsIn)).map((list) => ({ list, path: file.path }));
  const lists = await Promise.all(revocations.map(listsOf));
  const [first] = files;
  if (first !== undefined && !withSystem && !found.some(({ certificate }) => isRoot(certificate)))
    throw new CertificateFileError(
      first,
      'has intermediate certificates only: add the self-signed certificate of the authority',
    );
  return {
    pems: [...(withSystem ? getCACertificates('default') : []), ...found.map(({ pem }) => pem)],
    certificates: found.map(({ path, certificate }) => ({ path, certificate })),
    revocations: lists.flat(),
  };
};

/** PEM of each revocation list, as `tls.createSecureContext` takes them: `crl`. */
export const listPems = ({ revocations = [] }: Pick<TrustedCertificates, 'revocations'>): readonly string[] =>
  revocations.map(({ list }) => list.pem);

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((pem, index) => pem === other[index]);

export const isSameTrust = (one: TrustedCertificates, other: TrustedCertificates): boolean =>
  isSameList(one.pems, other.pems) && isSameList(listPems(one), listPems(other));
