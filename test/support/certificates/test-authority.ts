import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFolder, writeIn } from '../processes/checkout.ts';

/** A certificate with its key, in PEM. */
export interface IssuedCertificate {
  /** The certificate alone. */
  readonly certificate: string;
  /** The certificate, followed by the intermediate ones up to the root, which is left out. */
  readonly chain: string;
  readonly key: string;
  /** In capital hexadecimal digits, as Node has it. */
  readonly serial: string;
}

export interface IssueOptions {
  /** Default `localhost`. */
  readonly commonName?: string;
  /** Alternative names as openssl writes them, such as `URI:spiffe://shop/orders`. Default: 127.0.0.1 and localhost. */
  readonly names?: readonly string[];
  /** Validity in days from now, from and to. Default -1 and 365. */
  readonly days?: readonly [from: number, to: number];
  /** Default `ec`. */
  readonly algorithm?: 'ec' | 'rsa';
  /** Encrypts the key. Default: none. */
  readonly passphrase?: string;
}

const LOCAL_NAMES = ['IP:127.0.0.1', 'DNS:localhost'];
const ALGORITHMS = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  rsa: ['-newkey', 'rsa:2048'],
};
const DAY_MS = 86_400_000;

const openssl = (folder: string, args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
};

/** A time as `openssl ca` takes it: `20261129120000Z`. */
const opensslTime = (days: number): string =>
  `${new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;

const CONFIG = `[ca]
default_ca = one
[one]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;

const AUTHORITY_EXTENSIONS = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';

let authorities = 0;
let base: string | null = null;

/** A folder until the process ends: authorities are shared by the tests of a file. */
const newFolder = (): string => {
  if (base === null) {
    const created = emptyFolder();
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    base = created;
  }
  return mkdtempSync(join(base, 'authority-'));
};

/** An authority of a test, made by openssl: a root, or an intermediate one. It signs certificates of any validity. */
export class TestAuthority {
  /** The certificate of the authority. */
  readonly certificate: string;
  /** Certificates of intermediate authorities that a server has to send. */
  readonly #intermediates: string;
  readonly #folder: string;

  private constructor(folder: string, intermediates: string) {
    this.#folder = folder;
    this.#intermediates = intermediates;
    this.certificate = readFileSync(join(folder, 'ca.pem'), 'utf8');
    writeIn(folder, 'ca.cnf', CONFIG);
    writeIn(folder, 'index.txt', '');
    // Serial numbers of two authorities must differ. Always eight digits.
    authorities += 1;
    writeIn(folder, 'serial', `${(0x1000_0000 + 0x1_0000 * authorities).toString(16)}\n`);
  }

  /** A new root, until the process ends. */
  static root(name = 'root of a test', validity: readonly [from: number, to: number] = [-10, 3_650]): TestAuthority {
    const folder = newFolder();
    // Signed by itself, with the same configuration as everything else.
    openssl(folder, [
      'req',
      '-new',
      ...ALGORITHMS.ec,
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.csr',
      '-subj',
      `/CN=${name}`,
    ]);
    for (const [file, text] of [
      ['ca.cnf', CONFIG],
      ['index.txt', ''],
      ['serial', '01\n'],
      ['extensions', AUTHORITY_EXTENSIONS],
    ] as const)
      writeIn(folder, file, text);
    openssl(folder, [
      ...['ca', '-batch', '-notext', '-config', 'ca.cnf', '-selfsign', '-in', 'ca.csr', '-out', 'ca.pem'],
      ...['-startdate', opensslTime(validity[0]), '-enddate', opensslTime(validity[1]), '-extfile', 'extensions'],
    ]);
    return new TestAuthority(folder, '');
  }

  /** A new authority that this one has signed. */
  intermediate(name = 'intermediate of a test'): TestAuthority {
    const folder = newFolder();
    const { certificate, key } = this.#sign({ commonName: name }, AUTHORITY_EXTENSIONS);
    writeIn(folder, 'ca.pem', certificate);
    writeIn(folder, 'ca.key', key);
    return new TestAuthority(folder, certificate + this.#intermediates);
  }

  /** A new certificate, for servers and clients, that this authority has signed. */
  issue(options: IssueOptions = {}): IssuedCertificate {
    const names = options.names ?? LOCAL_NAMES;
    return this.#sign(
      options,
      [
        'basicConstraints=CA:FALSE',
        'keyUsage=digitalSignature',
        'extendedKeyUsage=serverAuth,clientAuth',
        ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
      ].join('\n'),
    );
  }

  /** Revokes a certificate of this authority, in its next revocation list. */
  revoke({ certificate }: Pick<IssuedCertificate, 'certificate'>): void {
    writeIn(this.#folder, 'revoked.pem', certificate);
    openssl(this.#folder, ['ca', '-config', 'ca.cnf', '-revoke', 'revoked.pem']);
  }

  /** A new revocation list of this authority. `days` from now, from and to. */
  revocationList([from, to]: readonly [from: number, to: number] = [-1, 30]): string {
    openssl(this.#folder, [
      ...['ca', '-config', 'ca.cnf', '-gencrl', '-out', 'list.pem'],
      ...['-crl_lastupdate', opensslTime(from), '-crl_nextupdate', opensslTime(to)],
    ]);
    return readFileSync(join(this.#folder, 'list.pem'), 'utf8');
  }

  #sign(
    { commonName = 'localhost', days: [from, to] = [-1, 365], algorithm = 'ec', passphrase }: IssueOptions,
    extensions: string,
  ): IssuedCertificate {
    const folder = this.#folder;
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const protection = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
    openssl(folder, [
      ...['req', '-new', ...ALGORITHMS[algorithm], ...protection],
      ...['-keyout', 'one.key', '-out', 'one.csr', '-subj', `/CN=${commonName}`],
    ]);
    writeIn(folder, 'extensions', extensions);
    const serial = read('serial').trim().toUpperCase();
    openssl(folder, [
      ...['ca', '-batch', '-notext', '-config', 'ca.cnf', '-in', 'one.csr', '-out', 'one.pem'],
      ...['-startdate', opensslTime(from), '-enddate', opensslTime(to), '-extfile', 'extensions'],
    ]);
    const certificate = read('one.pem');
    return { certificate, chain: certificate + this.#intermediates, key: read('one.key'), serial };
  }
}

/** A new certificate that no authority has signed, for 127.0.0.1 and localhost. */
export const selfSignedCertificate = (): IssuedCertificate => {
  const folder = emptyFolder();
  try {
    openssl(folder, [
      ...['req', '-x509', ...ALGORITHMS.ec, '-nodes', '-days', '2', '-set_serial', '0x1000', '-subj', '/CN=localhost'],
      ...['-addext', `subjectAltName=${LOCAL_NAMES.join(',')}`, '-keyout', 'one.key', '-out', 'one.pem'],
    ]);
    const certificate = readFileSync(join(folder, 'one.pem'), 'utf8');
    return { certificate, chain: certificate, key: readFileSync(join(folder, 'one.key'), 'utf8'), serial: '1000' };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
