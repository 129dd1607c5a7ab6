import type { X509Certificate } from 'node:crypto';
import { type CertificateSummary, summaryOf } from './certificate-expiry.ts';

/** A certificate in use, with its place: the path of a file, or the address of a server. */
export interface UsedCertificate {
  readonly use: 'client' | 'ca' | 'server';
  readonly place: string;
  readonly certificate: X509Certificate;
}

/** A certificate of `/status`. */
export interface UsedCertificateStatus extends CertificateSummary {
  readonly use: UsedCertificate['use'];
  /** Path of a file, or address of a server. */
  readonly place: string;
}

const MAX_CERTIFICATES = 100;

/** Returns the certificates of each use that expire first, 100 at most. `now`: milliseconds since 1970. */
export const usedCertificateStatus = (
  certificates: readonly UsedCertificate[],
  now: number,
): readonly UsedCertificateStatus[] =>
  (['client', 'ca', 'server'] as const).flatMap((use) =>
    certificates
      .filter((one) => one.use === use)
      .toSorted((one, other) => one.certificate.validToDate.getTime() - other.certificate.validToDate.getTime())
      .slice(0, MAX_CERTIFICATES)
      .map(({ place, certificate }) => ({ use, place, ...summaryOf(certificate, now) })),
  );
