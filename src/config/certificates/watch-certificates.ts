import type { X509Certificate } from 'node:crypto';
import { type Clock, wallTime } from '../../core/clock.ts';
import { printableText } from '../text.ts';
import { type CertificateFile, CertificateFileError } from './certificate-file.ts';
import { isSameKeyPair, type KeyPair, type KeyPairFiles, readKeyPair } from './key-pair.ts';
import { unusableList } from './revocation-list.ts';
import {
  isRoot,
  isSameTrust,
  readTrustedCertificates,
  type TrustedCertificates,
  type TrustedFiles,
} from './trusted-certificates.ts';
import { validityFault, validityOf } from './validity.ts';
import { watchedFiles } from './watched-files.ts';
import { constantValue, type WatchedFiles } from './watched-value.ts';

/** A change of certificates or keys, for operators. */
export type CertificateEvent =
  | { readonly is: 'reloaded'; readonly variable: string; readonly file: string }
  /** The last valid certificates stay in use. Reported once, until the files are valid again. */
  | { readonly is: 'invalid'; readonly variable: string; readonly file: string; readonly reason: string };

export type ReportCertificates = (event: CertificateEvent) => void;

export interface WatchDependencies {
  readonly clock: Clock;
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly wallTime?: () => number;
  /** Called for each change. Default: none. */
  readonly report?: ReportCertificates;
}

const pathsOf = ({ certificate, key, passphrase }: KeyPairFiles): readonly string[] => [
  ...new Set([certificate, key, ...(passphrase === null ? [] : [passphrase])].map(({ path }) => path)),
];

const isValid = (certificate: X509Certificate, now: number): boolean => {
  const validity = validityOf(certificate, now);
  return validity === 'valid' || validity === 'expires-soon';
};

const watch = <Value>(
  { initial, files, main }: { initial: Value; files: readonly string[]; main: CertificateFile },
  read: (watched: () => Value) => Promise<Value>,
  isSame: (one: Value, other: Value) => boolean,
  { clock, report = () => {} }: WatchDependencies,
): WatchedFiles<Value> => {
  const common = { variable: main.variable, file: main.path };
  const watched: WatchedFiles<Value> = watchedFiles({
    initial,
    paths: files,
    isSame,
    clock,
    read: () => read(() => watched.current()),
    report: (event) => report({ ...event, ...common }),
  });
  return watched;
};

/** The error of a failed reading, with the path of its file. */
const withPath = (error: unknown): Error => {
  if (!(error instanceof CertificateFileError)) return error instanceof Error ? error : new Error('cannot be read');
  return new Error(`${printableText(error.file.path)} ${error.message}`, { cause: error });
};

/**
 * Follows a certificate and its key. New connections should use `current()`. Files that do not belong together are not
 * used; neither is a certificate that is not valid now, while the present one is.
 */
export const watchKeyPair = (
  files: KeyPairFiles,
  initial: KeyPair,
  dependencies: WatchDependencies,
): WatchedFiles<KeyPair> => {
  const { certificate: main } = files;
  const now = dependencies.wallTime ?? wallTime;
  const read = async (current: () => KeyPair): Promise<KeyPair> => {
    const pair = await readKeyPair(files).catch((error: unknown) => {
      throw withPath(error);
    });
    if (!isValid(pair.leaf, now()) && isValid(current().leaf, now()) && !isSameKeyPair(pair, current()))
      throw new Error(`${printableText(main.path)} ${validityFault(pair.leaf, now())}: use one that is valid now`);
    return pair;
  };
  return watch({ initial, files: pathsOf(files), main }, read, isSameKeyPair, dependencies);
};

/**
 * Follows the certificates of authorities. An authority that is removed from its file is no longer trusted; a file that
 * cannot be read, without certificates, or without an authority that is valid now, changes nothing. Revocation lists
 * are read again with them; one that has expired does not replace one that is valid now. The authorities of the system do not change.
 */
export const watchTrustedCertificates = (
  trusted: TrustedFiles,
  initial: TrustedCertificates,
  dependencies: WatchDependencies,
): WatchedFiles<TrustedCertificates> => {
  const [main] = trusted.files;
  if (main === undefined) return constantValue(initial);
  const now = dependencies.wallTime ?? wallTime;
  const rootsOf = ({ certificates }: TrustedCertificates) =>
    certificates.filter(({ certificate }) => isRoot(certificate));
  const hasValid = (value: TrustedCertificates) =>
    rootsOf(value).some(({ certificate }) => isValid(certificate, now()));
  const read = async (current: () => TrustedCertificates): Promise<TrustedCertificates> => {
    const found = await readTrustedCertificates(trusted).catch((error: unknown) => {
      throw withPath(error);
    });
    const [root] = rootsOf(found);
    if (root !== undefined && !trusted.withSystem && !hasValid(found) && hasValid(current())) {
      const fault = validityFault(root.certificate, now());
      throw new Error(`${printableText(root.path)} ${fault}: use an authority that is valid now`);
    }
    const stale = unusableList(found.revocations ?? [], now());
    if (stale !== null && unusableList(current().revocations ?? [], now()) === null)
      throw new Error(`${printableText(stale.held.path)} ${stale.fault}: use one that is valid now`);
    return found;
  };
  const files = [...trusted.files, ...(trusted.revocations ?? [])].map(({ path }) => path);
  return watch({ initial, files, main }, read, isSameTrust, dependencies);
};
