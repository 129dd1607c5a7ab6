import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** An authority, and a certificate for 127.0.0.1 that it has signed. */
export interface SignedCertificate extends Certificate {
  readonly ca: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const SUBJECT = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];

/** A new self-signed certificate for 127.0.0.1, made by openssl. */
export const selfSigned = (): Certificate => {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    execFileSync('openssl', ['req', '-x509', ...CURVE, '-days', '2', '-keyout', key, '-out', cert, ...SUBJECT], {
      stdio: 'pipe',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** A new authority, and a certificate for 127.0.0.1 that it has signed, made by openssl. */
export const signedByAuthority = (): SignedCertificate => {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    const name = ['-subj', '/CN=authority of a test'];
    openssl('req', '-x509', ...CURVE, '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem', ...name);
    openssl('req', ...CURVE, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost');
    writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', 'request.pem', ...signer, '-out', 'cert.pem');
    return { ca: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
