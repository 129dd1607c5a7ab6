import type { X509Certificate } from 'node:crypto';
import { listValidity, type RevocationList } from './revocation-list.ts';
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

/** A certificate in use, with its place: the path of a file, or the address of a server. */
export interface UsedCertificate {
  readonly use: 'client' | 'ca' | 'server';
  readonly place: string;
  readonly certificate: X509Certificate;
}

/** A revocation list in use, with the path of its file. */
export interface UsedList {
  readonly use: 'crl';
  readonly place: string;
  readonly list: RevocationList;
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

/** A revocation list of `/status`. Times are in UTC: `2026-11-29T12:00:00Z`. */
export interface UsedListStatus {
  /** Path of its file. */
  readonly place: string;
  readonly authority: string;
  readonly updatedAt: string;
  /** `nextUpdate`; null for a list without an end. */
  readonly expiresAt: string | null;
  readonly state: Validity;
}

const endOf = ({ list }: UsedList): number => list.validToDate?.getTime() ?? Number.MAX_SAFE_INTEGER;

/** Returns the lists that expire first, 100 at most. `now`: milliseconds since 1970. */
export const usedListStatus = (lists: readonly UsedList[], now: number): readonly UsedListStatus[] =>
  lists
    .toSorted((one, other) => endOf(one) - endOf(other))
    .slice(0, MAX_CERTIFICATES)
    .map(({ place, list }) => ({
      place,
      authority: list.authority,
      updatedAt: shownTime(list.validFromDate),
      expiresAt: list.validToDate === null ? null : shownTime(list.validToDate),
      state: listValidity(list, now),
    }));
