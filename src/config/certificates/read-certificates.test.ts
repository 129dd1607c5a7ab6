import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { certificateFolder } from '../../../test/support/certificates/certificate-folder.ts';
import { selfSignedCertificate, TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { CertificateFileError, fileProblem } from './certificate-file.ts';
import { readKeyPair } from './key-pair.ts';
import { certificatesIn, privateKeyIn } from './pem.ts';
import { readTrustedCertificates } from './trusted-certificates.ts';

const root = TestAuthority.root();
const intermediate = root.intermediate();
const issued = intermediate.issue();
const other = root.issue();
const NAMES = ['certificate', 'key', 'passphrase'] as const;

/** Reads a key pair from files with these texts. Returns it, or its problem. */
const pairOf = async (texts: { certificate: string; key: string; passphrase?: string }) => {
  const folder = certificateFolder(texts);
  const [certificate, key, passphrase] = NAMES.map((name) => ({
    variable: name.toUpperCase(),
    path: folder.path(name),
  }));
  if (certificate === undefined || key === undefined) throw new Error('unreachable');
  return readKeyPair({
    certificate,
    key,
    passphrase: texts.passphrase === undefined ? null : (passphrase ?? null),
  }).catch((error: unknown) => problemIn(error, folder.path('')));
};

const problemIn = (error: unknown, folder: string): string => {
  if (!(error instanceof CertificateFileError)) throw error;
  return fileProblem(error).replaceAll(folder, '');
};

const pkey = (key: string, ...args: readonly string[]): string =>
  execFileSync('openssl', args, { input: key, stdio: 'pipe' }).toString();

test('a certificate is read with its intermediate ones, and with a key of any format', async () => {
  const rsa = root.issue({ algorithm: 'rsa' });
  const texts = {
    'PKCS#8': [issued.chain, issued.key],
    'EC key': [issued.chain, pkey(issued.key, 'ec')],
    'RSA key': [rsa.chain, pkey(rsa.key, 'rsa', '-traditional')],
    'both in one file, with other text': [`Issued by a test\n${issued.key}${issued.chain}`, issued.key],
    'line ends of Windows': [issued.chain.replaceAll('\n', '\r\n'), issued.key.replaceAll('\n', '\r\n')],
  };
  for (const [format, [certificate = '', key = '']] of Object.entries(texts)) {
    const pair = await pairOf({ certificate, key });
    if (typeof pair === 'string') throw new Error(`${format}: ${pair}`);
    const leaf = new X509Certificate(certificate.slice(certificate.indexOf('-----BEGIN CERT')));
    expect([format, pair.leaf.fingerprint256]).toEqual([format, leaf.fingerprint256]);
    expect(pair.leaf.checkPrivateKey(createPrivateKey(pair.key.reveal()))).toBe(true);
    expect(pair.certificates).toHaveLength(format === 'RSA key' ? 1 : 2);
    expect(inspect(pair, { depth: 9 })).not.toContain('PRIVATE KEY');
  }
});

test('an encrypted key is read with its passphrase, of PKCS#8 and of the older format', async () => {
  const encrypted = root.issue({ passphrase: 'canary' });
  const older = pkey(other.key, 'ec', '-aes256', '-passout', 'pass:canary');
  for (const [certificate, key] of [
    [encrypted.chain, encrypted.key],
    [other.chain, older],
  ] as const) {
    expect(await pairOf({ certificate, key, passphrase: 'canary\n' })).toMatchObject({ certificateChain: certificate });
    expect(await pairOf({ certificate, key })).toBe(
      'KEY: /key is encrypted: set the file of its passphrase, or use a key without one',
    );
    expect(await pairOf({ certificate, key, passphrase: 'wrong' })).toBe(
      'KEY: /key cannot be decrypted: use the passphrase of this key',
    );
  }
});

const pem = (text: string, label: string): string => `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;

test.each([
  ['an empty certificate', '\n', issued.key, 'CERTIFICATE: /certificate is empty: use a file in PEM format'],
  ['no certificate', 'text', issued.key, 'CERTIFICATE: /certificate has no certificate: use a file in PEM format'],
  ['no key', issued.chain, issued.chain, 'KEY: /key has no private key: use a file in PEM format'],
  [
    'a damaged certificate',
    issued.certificate + pem('AAAA', 'CERTIFICATE'),
    issued.key,
    'CERTIFICATE: /certificate has a certificate that cannot be read (number 2): replace it',
  ],
  [
    'a certificate that is cut off',
    issued.chain.slice(0, -100),
    issued.key,
    'CERTIFICATE: /certificate has a certificate without its end: replace the file',
  ],
  [
    'a damaged key',
    issued.chain,
    pem('AAAA', 'PRIVATE KEY'),
    expect.stringMatching(/^KEY: \/key has a private key that cannot be read \(ERR_OSSL_[A-Z_]+\): replace it$/),
  ],
  [
    'the key of another certificate',
    issued.chain,
    other.key,
    'CERTIFICATE: /certificate is not the certificate of the key in /key: replace one of them',
  ],
  [
    'the intermediate certificate first',
    intermediate.certificate + issued.certificate,
    issued.key,
    'CERTIFICATE: /certificate has the certificate of the key after others: put it first, then the intermediate ones',
  ],
  [
    'a large file',
    'x'.repeat(1_048_577),
    issued.key,
    expect.stringMatching(/has more than 1048576 bytes: use a smaller/),
  ],
])('a key pair with %s is a problem with its variable, file and fix', async (_, certificate, key, problem) => {
  expect(await pairOf({ certificate, key })).toEqual(problem);
});

test('DER is reported with the command that converts it', () => {
  const derOf = (text: string) => Buffer.from(text.replaceAll(/-----.*-----|\n/g, ''), 'base64').toString('latin1');
  expect(() => certificatesIn(derOf(issued.certificate))).toThrow(/^is in DER format: .* openssl x509 -inform DER$/);
  expect(() => privateKeyIn(derOf(issued.key))).toThrow(/^is in DER format: .* openssl pkey -inform DER$/);
});

test('a missing file, a folder and a FIFO are problems, and nothing waits for them', async () => {
  const folder = certificateFolder({ 'folder/x': '', 'key.pem': issued.key });
  execFileSync('mkfifo', [folder.path('fifo')]);
  const faultOf = (name: string) =>
    readKeyPair({
      certificate: { variable: 'CERT', path: folder.path(name) },
      key: { variable: 'KEY', path: folder.path('key.pem') },
      passphrase: null,
    }).catch((error: unknown) => problemIn(error, folder.path('')));
  expect([await faultOf('none'), await faultOf('folder'), await faultOf('fifo')]).toEqual([
    'CERT: /none cannot be read (ENOENT)',
    'CERT: /folder is not a file: use the path of a file',
    'CERT: /fifo is not a file: use the path of a file',
  ]);
});

const trustOf = async (texts: readonly string[], withSystem = false) => {
  const folder = certificateFolder(Object.fromEntries(texts.map((text, index) => [`ca${index}`, text])));
  const files = texts.map((_, index) => ({ variable: 'CA', path: folder.path(`ca${index}`) }));
  return readTrustedCertificates({ files, withSystem }).catch((error: unknown) => problemIn(error, folder.path('')));
};

test('authorities of several files are trusted together, or next to those of the system', async () => {
  const second = selfSignedCertificate();
  const own = await trustOf([root.certificate + intermediate.certificate, second.certificate]);
  expect(own).toMatchObject({ pems: [root.certificate, intermediate.certificate, second.certificate] });
  const all = await trustOf([root.certificate], true);
  if (typeof all === 'string') throw new Error(all);
  expect(all.pems.length).toBeGreaterThan(100);
  expect(all.certificates).toHaveLength(1);
});

test('authorities without a self-signed certificate are a problem, because no chain could end there', async () => {
  expect(await trustOf([intermediate.certificate])).toBe(
    'CA: /ca0 has intermediate certificates only: add the self-signed certificate of the authority',
  );
  expect(await trustOf([issued.key])).toBe('CA: /ca0 has no certificate: use a file in PEM format');
  expect(await trustOf([intermediate.certificate, root.certificate])).toMatchObject({ certificates: [{}, {}] });
});
