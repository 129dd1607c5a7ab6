import {
  type UsedCertificate,
  type UsedCertificateStatus,
  usedCertificateStatus,
} from '../../config/certificates/used-certificate.ts';
import type { HandshakeCause } from './handshake-failure.ts';
import type { LastHandshakeFailure } from './handshake-failures.ts';
import type { TlsSettings } from './tls-options.ts';

/** State of TLS to one upstream, for operators. */
export interface TlsSnapshot {
  readonly minVersion: string;
  readonly serverName: string | null;
  readonly subjectAltNames: readonly string[];
  /** Those of each use that expire first, 100 at most. */
  readonly certificates: readonly UsedCertificateStatus[];
  /** Number of failed handshakes by cause. */
  readonly handshakeFailures: Readonly<Partial<Record<HandshakeCause, number>>>;
  readonly lastFailure: LastHandshakeFailure | null;
  /** Number of changes of the files that were used. */
  readonly reloads: number;
  /** Reason for which the present files cannot be used; null if they are in use. */
  readonly fault: string | null;
}

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
  certificates: usedCertificateStatus(certificates, now),
  handshakeFailures: counts,
  lastFailure: last,
  ...rest,
});
