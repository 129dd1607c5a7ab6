import { summaryOf } from './certificate-expiry.ts';
import type { UsedCertificate } from './used-certificate.ts';
import { DAY_MS, shownTime, type Validity } from './validity.ts';

/** A certificate that expires soon, has expired, or is not valid yet, for operators. */
export interface ExpiryEvent {
  readonly to: Exclude<Validity, 'valid'>;
  readonly use: UsedCertificate['use'];
  readonly place: string;
  readonly reason: string;
}

/** Days before the end of a certificate at which it is reported again. The last is its end. */
const DAYS = [30, 7, 1, 0] as const;

const FAULTS = { 'expires-soon': 'expires soon', expired: 'has expired', 'not-yet-valid': 'is not valid yet' } as const;

/** Reports certificates that expire soon: thirty days before, then seven, one, and at the end. */
export class ExpiryReports {
  readonly #report: (event: ExpiryEvent) => void;
  /** The lowest number of days that was reported, by certificate. */
  #reported = new Map<string, number>();

  constructor(report: (event: ExpiryEvent) => void) {
    this.#report = report;
  }

  /** Reports the certificates for which a new number of days is reached. `now`: milliseconds since 1970. */
  check(certificates: readonly UsedCertificate[], now: number): void {
    const reported = new Map<string, number>();
    for (const { use, place, certificate } of certificates) {
      const summary = summaryOf(certificate, now);
      if (summary.state === 'valid') continue;
      // Several servers may present one certificate.
      const key = `${use} ${certificate.fingerprint256}`;
      const leftMs = certificate.validToDate.getTime() - now;
      const reached = DAYS.findLast((days) => leftMs <= days * DAY_MS) ?? DAYS[0];
      const before = reported.get(key) ?? this.#reported.get(key) ?? Number.POSITIVE_INFINITY;
      reported.set(key, Math.min(reached, before));
      if (reached >= before) continue;
      const dates =
        summary.state === 'not-yet-valid'
          ? `it begins at ${shownTime(certificate.validFromDate)}`
          : `it ends at ${summary.expiresAt}`;
      const reason = `the certificate of ${summary.subject} ${FAULTS[summary.state]}: ${dates}`;
      this.#report({ to: summary.state, use, place, reason });
    }
    // Replaced certificates are forgotten.
    this.#reported = reported;
  }
}
