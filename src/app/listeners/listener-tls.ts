import { stat } from 'node:fs/promises';
import { type CertificateFile, CertificateFileError, fileProblem } from '../../config/certificates/certificate-file.ts';
import { type KeyPair, type KeyPairFiles, readKeyPair } from '../../config/certificates/key-pair.ts';
import { unusableList } from '../../config/certificates/revocation-list.ts';
import {
  readTrustedCertificates,
  type TrustedCertificates,
  type TrustedFiles,
} from '../../config/certificates/trusted-certificates.ts';
import { validityFault } from '../../config/certificates/validity.ts';
import {
  type WatchDependencies,
  watchKeyPair,
  watchTrustedCertificates,
} from '../../config/certificates/watch-certificates.ts';
import type { ListenerCertificate } from '../../config/listener-certificates.ts';
import type { Settings } from '../../config/settings.ts';
import { printableText } from '../../config/text.ts';
import { wallTime } from '../../core/clock.ts';
import type { ListenerTls } from '../../http/listener/tls/listener-tls.ts';

/** Prefix of the variables of a listener. */
type Prefix = '' | 'ADMIN_';

/** The certificates of a listener as they were read at the start. */
interface ReadListener {
  readonly minVersion: ListenerTls['minVersion'];
  readonly pairs: readonly { readonly files: KeyPairFiles; readonly initial: KeyPair }[];
  readonly clients: {
    readonly files: TrustedFiles;
    readonly initial: TrustedCertificates;
    readonly areRequired: boolean;
  } | null;
}

/** TLS of both listeners, with the problems of all files. Null: a listener without TLS. */
export interface ListenersTls {
  readonly public: ReadListener | null;
  readonly admin: ReadListener | null;
  readonly problems: readonly string[];
  /** Certificates that are not valid now, or expire soon: the gateway starts nevertheless. */
  readonly warnings: readonly string[];
}

const filesOf = (variable: string, { certificate, key, passphrase }: ListenerCertificate): KeyPairFiles => {
  const file = (path: string): CertificateFile => ({ variable, path });
  return { certificate: file(certificate), key: file(key), passphrase: passphrase === null ? null : file(passphrase) };
};

/** The problems of the variables of one listener that contradict each other. */
const contradictions = (prefix: Prefix, settings: Settings): readonly string[] => {
  const [certificates, authority, mode] = (['CERTIFICATES', 'CLIENT_CA', 'CLIENT_CERTIFICATES'] as const).map(
    (name) => `${prefix}TLS_${name}`,
  );
  const [hasTls, hasAuthorities] = [
    settings[`${prefix}TLS_CERTIFICATES`].length > 0,
    settings[`${prefix}TLS_CLIENT_CA`].length > 0,
  ];
  const isRequested = settings[`${prefix}TLS_CLIENT_CERTIFICATES`] !== 'off';
  if (isRequested && !hasTls) return [`${mode}: requires ${certificates}: set it, or remove ${mode}`];
  if (isRequested && !hasAuthorities)
    return [`${authority} is not set: set it to the file of the authority of client certificates`];
  const lists = `${prefix}TLS_CLIENT_CRL` as const;
  const unused = [...(hasAuthorities ? [authority] : []), ...(settings[lists].length > 0 ? [lists] : [])];
  if (!isRequested)
    return unused.map((name) => `${name}: has no effect without ${mode}: set that to optional or required`);
  return [];
};

const readOne = async (
  prefix: Prefix,
  settings: Settings,
  problems: string[],
  warnings: string[],
): Promise<ReadListener | null> => {
  problems.push(...contradictions(prefix, settings));
  const reading = async <Value>(read: Promise<Value>): Promise<Value | null> => {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof CertificateFileError)) throw error;
      problems.push(fileProblem(error));
      return null;
    }
  };
  const variable = `${prefix}TLS_CERTIFICATES`;
  const pairs: ReadListener['pairs'][number][] = [];
  for (const one of settings[`${prefix}TLS_CERTIFICATES`]) {
    const files = filesOf(variable, one);
    const initial = await reading(readKeyPair(files));
    if (initial !== null) pairs.push({ files, initial });
    const fault = initial === null ? null : validityFault(initial.leaf, wallTime());
    if (fault !== null) warnings.push(`${variable}: ${printableText(one.certificate)} ${fault}`);
  }
  const filesIn = (name: `${Prefix}TLS_CLIENT_${'CA' | 'CRL'}`) =>
    settings[name].map((path) => ({ variable: name, path }));
  const authorities = filesIn(`${prefix}TLS_CLIENT_CA`);
  const files: TrustedFiles = {
    files: authorities,
    withSystem: false,
    revocations: filesIn(`${prefix}TLS_CLIENT_CRL`),
  };
  const initial = authorities.length === 0 ? null : await reading(readTrustedCertificates(files));
  const stale = unusableList(initial?.revocations ?? [], wallTime());
  if (stale !== null) warnings.push(`${prefix}TLS_CLIENT_CRL: ${printableText(stale.held.path)} ${stale.fault}`);
  const mode = settings[`${prefix}TLS_CLIENT_CERTIFICATES`];
  if (pairs.length === 0) return null;
  return {
    minVersion: settings.TLS_MIN_VERSION === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    pairs,
    clients: initial === null || mode === 'off' ? null : { files, initial, areRequired: mode === 'required' },
  };
};

/** The problems of the variables of the port that redirects. */
const redirectProblems = async ({
  TLS_CERTIFICATES,
  REDIRECT_PORT,
  ACME_CHALLENGES,
}: Settings): Promise<readonly string[]> => {
  if (ACME_CHALLENGES === null)
    return REDIRECT_PORT !== null && TLS_CERTIFICATES.length === 0
      ? ['REDIRECT_PORT: has no target without TLS: set TLS_CERTIFICATES, or remove REDIRECT_PORT']
      : [];
  if (REDIRECT_PORT === null) return ['ACME_CHALLENGES: is served on REDIRECT_PORT only: set that, such as to 80'];
  const isFolder = await stat(ACME_CHALLENGES).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder ? [] : [`ACME_CHALLENGES: ${printableText(ACME_CHALLENGES)} is not a folder: create it`];
};

/** Reads the certificates of both listeners. */
export const readListenersTls = async (settings: Settings): Promise<ListenersTls> => {
  const problems: string[] = [];
  const warnings: string[] = [];
  const clients = await readOne('', settings, problems, warnings);
  const operators = await readOne('ADMIN_', settings, problems, warnings);
  problems.push(...(await redirectProblems(settings)));
  return { public: clients, admin: operators, problems, warnings };
};

/** TLS of a listener, with files that are followed. */
export interface OpenListenerTls {
  readonly tls: ListenerTls | undefined;
  /** Path of each certificate. */
  readonly files: readonly string[];
  /** Ends the checks of the files. */
  close(): void;
}

/** Follows the files of a listener. */
export const openListenerTls = (read: ReadListener | null, dependencies: WatchDependencies): OpenListenerTls => {
  if (read === null) return { tls: undefined, files: [], close: () => {} };
  const { minVersion, clients } = read;
  const pairs = read.pairs.map(({ files, initial }) => watchKeyPair(files, initial, dependencies));
  const authorities = clients && watchTrustedCertificates(clients.files, clients.initial, dependencies);
  return {
    tls: {
      pairs,
      minVersion,
      clients: clients && authorities ? { authorities, areRequired: clients.areRequired } : null,
    },
    files: read.pairs.map(({ files }) => files.certificate.path),
    close: () => {
      for (const pair of pairs) pair.close();
      authorities?.close();
    },
  };
};
