import { type CertificateSummary, summaryOf } from '../../config/certificates/certificate-expiry.ts';
import type { UsedCertificate } from './expiry-reports.ts';
import type { HandshakeCause } from './handshake-failure.ts';
import type { LastHandshakeFailure } from './handshake-failures.ts';
import type { TlsSettings } from './tls-options.ts';

/** A certificate of `/status`. */
export interface CertificateStatus extends CertificateSummary {
  readonly use: UsedCertificate['use'];
  /** Path of a file, or address of a server. */
  readonly place: string;
}

/** State of TLS to one upstream, for operators. */
export interface TlsSnapshot {
  readonly minVersion: string;
  readonly serverName: string | null;
  readonly subjectAltNames: readonly string[];
  /** Those of each use that expire first, 100 at most. */
  readonly certificates: readonly CertificateStatus[];
  /** Number of failed handshakes by cause. */
  readonly handshakeFailures: Readonly<Partial<Record<HandshakeCause, number>>>;
  readonly lastFailure: LastHandshakeFailure | null;
  /** Number of changes of the files that were used. */
  readonly reloads: number;
  /** Reason for which the present files cannot be used; null if they are in use. */
  readonly fault: string | null;
}

const MAX_CERTIFICATES = 100;

export interface TlsSnapshotParts {
  readonly settings: TlsSettings;
  readonly certificates: readonly UsedCertificate[];
  readonly counts: TlsSnapshot['handshakeFailures'];
  readonly last: LastHandshakeFailure | null;
  readonly reloads: number;
  readonly fault: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export const tlsSnapshot = ({ settings, certificates, counts, last, now, ...rest }: TlsSnapshotParts): TlsSnapshot => ({
  minVersion: settings.minVersion,
  serverName: settings.serverName,
  subjectAltNames: settings.subjectAltNames,
  certificates: (['client', 'ca', 'server'] as const).flatMap((use) =>
    certificates
      .filter((one) => one.use === use)
      .toSorted((one, other) => one.certificate.validToDate.getTime() - other.certificate.validToDate.getTime())
      .slice(0, MAX_CERTIFICATES)
      .map(({ place, certificate }) => ({ use, place, ...summaryOf(certificate, now) })),
  ),
  handshakeFailures: counts,
  lastFailure: last,
  ...rest,
});
