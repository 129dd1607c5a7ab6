import type { X509Certificate } from 'node:crypto';
import { shownTime, type Validity, validityOf } from './validity.ts';

/** A certificate for operators. */
export interface CertificateSummary {
  /** Its common name, or its first alternative name. */
  readonly subject: string;
  readonly issuer: string;
  /** In hexadecimal digits, as openssl prints it. */
  readonly serial: string;
  /** End of its validity, in UTC: `2026-11-29T12:00:00Z`. */
  readonly expiresAt: string;
  readonly state: Validity;
}

const MAX_NAME_LENGTH = 200;

/** Common name of a distinguished name, which has a line for each attribute. */
const commonName = (name: string | undefined): string | null => /^CN=(.+)$/m.exec(name ?? '')?.[1] ?? null;

const nameOf = ({ subject, subjectAltName }: X509Certificate): string =>
  commonName(subject) ?? subjectAltName?.split(', ')[0] ?? 'without a name';

/** Returns a certificate for operators, with its state at `now` in milliseconds since 1970. */
export const summaryOf = (certificate: X509Certificate, now: number): CertificateSummary => ({
  subject: nameOf(certificate).slice(0, MAX_NAME_LENGTH),
  issuer: (commonName(certificate.issuer) ?? 'without a name').slice(0, MAX_NAME_LENGTH),
  serial: certificate.serialNumber,
  expiresAt: shownTime(certificate.validToDate),
  state: validityOf(certificate, now),
});

/** Returns the certificate that expires first; null without one. */
export const firstToExpire = (certificates: readonly X509Certificate[]): X509Certificate | null =>
  certificates.reduce<X509Certificate | null>(
    (first, one) => (first === null || one.validToDate < first.validToDate ? one : first),
    null,
  );
