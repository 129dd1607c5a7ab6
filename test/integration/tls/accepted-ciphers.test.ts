import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { serverAuthority, tlsRig } from '../../support/http/tls-rig.ts';

const PAGE = readFileSync(new URL('../../../docs/tls.md', import.meta.url), 'utf8');

/** Ciphers of the table under `Versions and ciphers`, by version and certificate. */
const documented = (version: string, certificate: string): readonly string[] => {
  const [, section = ''] = PAGE.split('### Versions and ciphers\n');
  const rows = section.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const row = rows.find(([, name, kind]) => name === version && (kind === certificate || kind === 'any'));
  if (row === undefined) throw new Error(`docs/tls.md has no row for ${version} and ${certificate}`);
  return [...(row[3] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).toSorted();
};

/** Runs openssl. Resolves with its output at its end, whatever its exit code is. */
const openssl = (args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.resume();
    child.on('error', reject).on('close', () => resolve(output));
    child.stdin.end();
  });

const FLAGS: Readonly<Record<string, string>> = {
  'TLS 1.3': '-tls1_3',
  'TLS 1.2': '-tls1_2',
  'TLS 1.1': '-tls1_1',
  'TLS 1.0': '-tls1',
};

/** All ciphers of a version that openssl has, weak ones included. */
const ciphersOf = async (version: string): Promise<readonly string[]> =>
  (await openssl(['ciphers', '-s', FLAGS[version] ?? '', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'])).trim().split(':');

/** The ciphers on which openssl and the listener agree: each one that was agreed on is not offered again. */
const acceptedBy = async (port: number, version: string): Promise<readonly string[]> => {
  let offered = await ciphersOf(version);
  const accepted: string[] = [];
  while (offered.length > 0) {
    const list =
      version === 'TLS 1.3' ? ['-ciphersuites', offered.join(':')] : ['-cipher', `${offered.join(':')}:@SECLEVEL=0`];
    const details = await openssl(['s_client', '-connect', `127.0.0.1:${port}`, FLAGS[version] ?? '', ...list]);
    const found = /^New, .*, Cipher is (\S+)$/m.exec(details)?.[1];
    if (found === undefined || found === '(NONE)') break;
    accepted.push(found);
    offered = offered.filter((name) => name !== found);
  }
  return accepted.toSorted();
};

test.each([
  ['EC', 'ec'],
  ['RSA', 'rsa'],
] as const)(
  'with a certificate of %s, openssl agrees on the versions and ciphers of docs/tls.md, and on no other',
  async (kind, algorithm) => {
    await using rig = await tlsRig({ served: { one: serverAuthority().issuer.issue({ algorithm }) } });
    for (const version of Object.keys(FLAGS))
      expect([version, await acceptedBy(rig.port, version)]).toEqual([version, documented(version, kind)]);
  },
);
