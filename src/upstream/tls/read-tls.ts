import type { X509Certificate } from 'node:crypto';
import { type CertificateFile, CertificateFileError, fileProblem } from '../../config/certificates/certificate-file.ts';
import { readKeyPair } from '../../config/certificates/key-pair.ts';
import { readTrustedCertificates } from '../../config/certificates/trusted-certificates.ts';
import { summaryOf } from '../../config/certificates/used-certificate.ts';
import { validityFault } from '../../config/certificates/validity.ts';
import { hasInvisible, partsOf } from '../../config/text.ts';
import { alternativeNameFix, MIN_VERSIONS, serverNameFix, type TlsOptions, type TlsSettings } from './tls-options.ts';

const SUFFIXES = [
  'CA',
  'CERT',
  'KEY',
  'KEY_PASSPHRASE_FILE',
  'SERVER_NAME',
  'SUBJECT_ALT_NAMES',
  'MIN_VERSION',
] as const;
type Suffix = (typeof SUFFIXES)[number];

/** Word of `*_TLS_CA` that stands for the authorities that Node trusts. */
const SYSTEM = 'system';

const prefixOf = (endpointsVariable: string): string => endpointsVariable.replace(/ENDPOINTS$/, 'TLS_');

/** Names of the variables with the TLS of an upstream, by the name of the one with its endpoints. */
export const tlsVariables = (endpointsVariable: string): readonly string[] =>
  SUFFIXES.map((suffix) => prefixOf(endpointsVariable) + suffix);

/** The settings of an upstream without variables. */
export const tlsSettingsOf = (options: TlsOptions = {}): TlsSettings => ({
  serverName: options.serverName ?? null,
  subjectAltNames: options.subjectAltNames ?? [],
  minVersion: options.minVersion ?? '1.2',
  trusted: null,
  keyPair: null,
});

export interface TlsRead {
  readonly settings: TlsSettings;
  readonly problems: readonly string[];
  /** Certificates that are not valid now, or expire soon: the gateway starts nevertheless. */
  readonly warnings: readonly string[];
}

/** The variables of one upstream, with their names. */
class TlsVariables {
  readonly #prefix: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly problems: string[] = [];

  constructor(endpointsVariable: string, env: Readonly<Record<string, string>>) {
    this.#prefix = prefixOf(endpointsVariable);
    this.#env = env;
  }

  name(suffix: Suffix): string {
    return this.#prefix + suffix;
  }

  text(suffix: Suffix): string | null {
    const text = this.#env[this.name(suffix)];
    if (text === undefined) return null;
    if (!hasInvisible(text)) return text;
    this.problem(suffix, 'contains a line end or another invisible character: remove it');
    return null;
  }

  file(suffix: Suffix): CertificateFile | null {
    const path = this.text(suffix);
    return path === null ? null : { variable: this.name(suffix), path };
  }

  problem(suffix: Suffix, fault: string): void {
    this.problems.push(`${this.name(suffix)}: ${fault}`);
  }

  /** Runs `read`. Its faults of files are problems. */
  async reading<Value>(read: () => Promise<Value>): Promise<Value | null> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof CertificateFileError)) throw error;
      this.problems.push(fileProblem(error));
      return null;
    }
  }
}

const readKeys = async (variables: TlsVariables): Promise<TlsSettings['keyPair']> => {
  const [certificate, key] = [variables.file('CERT'), variables.file('KEY')];
  const passphrase = variables.file('KEY_PASSPHRASE_FILE');
  if (certificate === null && key === null) {
    if (passphrase !== null)
      variables.problem(
        'KEY_PASSPHRASE_FILE',
        `needs ${variables.name('CERT')} and ${variables.name('KEY')}: set them`,
      );
    return null;
  }
  if (certificate === null || key === null) {
    const [set, missing] = certificate === null ? (['KEY', 'CERT'] as const) : (['CERT', 'KEY'] as const);
    const content = missing === 'KEY' ? 'the private key' : 'the certificate';
    variables.problem(set, `needs ${variables.name(missing)}: set it to the file with ${content}`);
    return null;
  }
  const files = { certificate, key, passphrase };
  const initial = await variables.reading(() => readKeyPair(files));
  return initial && { files, initial };
};

const readAuthorities = async (variables: TlsVariables): Promise<TlsSettings['trusted']> => {
  const text = variables.text('CA');
  if (text === null) return null;
  const parts = partsOf(text);
  if (parts.length === 0) variables.problem('CA', 'needs at least one file, or system');
  const paths = [...new Set(parts.filter((part) => part !== SYSTEM))];
  const files = {
    files: paths.map((path) => ({ variable: variables.name('CA'), path })),
    withSystem: parts.includes(SYSTEM),
  };
  const initial = await variables.reading(() => readTrustedCertificates(files));
  return initial && { files, initial };
};

const readNames = (
  variables: TlsVariables,
  options: TlsOptions,
): Pick<TlsSettings, 'serverName' | 'subjectAltNames'> => {
  const serverName = variables.text('SERVER_NAME');
  const names = variables.text('SUBJECT_ALT_NAMES');
  const nameFix = serverName === null ? null : serverNameFix(serverName);
  if (nameFix !== null) variables.problem('SERVER_NAME', nameFix);
  const parts = names === null ? null : partsOf(names);
  const fix = parts?.length === 0 ? alternativeNameFix('') : parts?.map(alternativeNameFix).find((one) => one !== null);
  if (fix != null) variables.problem('SUBJECT_ALT_NAMES', `${fix}, separated by commas`);
  return {
    serverName: serverName ?? options.serverName ?? null,
    subjectAltNames: parts ?? options.subjectAltNames ?? [],
  };
};

const readVersion = (variables: TlsVariables, { minVersion = '1.2' }: TlsOptions): TlsSettings['minVersion'] => {
  const written = variables.text('MIN_VERSION');
  const found = written === null ? minVersion : MIN_VERSIONS.find((version) => version === written);
  if (found !== undefined) return found;
  variables.problem('MIN_VERSION', `must be ${MIN_VERSIONS.join(' or ')}`);
  return minVersion;
};

/** Returns the warning for a certificate that is not valid at `now`, or expires soon. */
const warningsFor = (variable: string, path: string, certificate: X509Certificate, now: number): readonly string[] => {
  const fault = validityFault(certificate, now);
  return fault === null
    ? []
    : [`${variable}: the certificate of ${summaryOf(certificate, now).subject} in ${path} ${fault}. Replace it.`];
};

/**
 * Reads the TLS of one upstream from its variables, which replace the module's options: `<MODULE>_<UPSTREAM>_TLS_CA` and
 * others, by the name of the variable with its endpoints. `now`: milliseconds since 1970.
 */
export const readTls = async (
  endpointsVariable: string,
  env: Readonly<Record<string, string>>,
  options: TlsOptions,
  now: number,
): Promise<TlsRead> => {
  const variables = new TlsVariables(endpointsVariable, env);
  const [keyPair, trusted] = [await readKeys(variables), await readAuthorities(variables)];
  const settings = { ...readNames(variables, options), minVersion: readVersion(variables, options), keyPair, trusted };
  const own = keyPair?.initial.certificates ?? [];
  const warnings = [
    ...own.flatMap((one) => warningsFor(variables.name('CERT'), keyPair?.files?.certificate.path ?? '', one, now)),
    ...(trusted?.initial.certificates ?? []).flatMap(({ path, certificate }) =>
      warningsFor(variables.name('CA'), path, certificate, now),
    ),
  ];
  return { settings, problems: variables.problems, warnings };
};
