import { selfSignedCertificate, TestAuthority } from './test-authority.ts';

/** A certificate for 127.0.0.1 and localhost with its key, as Node's servers take them. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** An authority, and a certificate that it has signed. */
export interface SignedCertificate extends Certificate {
  readonly ca: string;
}

/** A new self-signed certificate. */
export const selfSigned = (): Certificate => {
  const { certificate, key } = selfSignedCertificate();
  return { key, cert: certificate };
};

/** A new authority, and a certificate that it has signed. */
export const signedByAuthority = (): SignedCertificate => {
  const root = TestAuthority.root();
  const { chain, key } = root.issue();
  return { ca: root.certificate, key, cert: chain };
};
