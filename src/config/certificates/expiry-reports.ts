import { summaryOf, type UsedCertificate, type UsedList } from './used-certificate.ts';
import { DAY_MS, shownTime, type Validity, validityOf } from './validity.ts';

/** A certificate or revocation list in use. */
export type UsedDocument = UsedCertificate | UsedList;

/** A certificate or revocation list that expires soon, has expired, or is not valid yet, for operators. */
export interface ExpiryEvent<Used extends UsedDocument = UsedDocument> {
  readonly to: Exclude<Validity, 'valid'>;
  readonly use: Used['use'];
  readonly place: string;
  readonly reason: string;
}

/** Days before the end of a certificate at which it is reported again. The last is its end. */
const DAYS = [30, 7, 1, 0] as const;

const FAULTS = { 'expires-soon': 'expires soon', expired: 'has expired', 'not-yet-valid': 'is not valid yet' } as const;

/** Of a list without an end: the last time of JavaScript. */
const NEVER = new Date(8.64e15);

/** A certificate or list, as far as reports need it. */
interface Dated {
  readonly name: string;
  readonly fingerprint: string;
  readonly validFromDate: Date;
  readonly validToDate: Date;
}

const datedOf = (used: UsedDocument, now: number): Dated => {
  if (used.use !== 'crl') {
    const { fingerprint256: fingerprint, validFromDate, validToDate } = used.certificate;
    const name = `the certificate of ${summaryOf(used.certificate, now).subject}`;
    return { name, fingerprint, validFromDate, validToDate };
  }
  const { authority, validToDate } = used.list;
  return { ...used.list, name: `the revocation list of ${authority}`, validToDate: validToDate ?? NEVER };
};

/** Reports certificates and revocation lists that expire soon: thirty days before, then seven, one, and at the end. */
export class ExpiryReports<Used extends UsedDocument = UsedDocument> {
  readonly #report: (event: ExpiryEvent<Used>) => void;
  /** The lowest number of days that was reported, by certificate or list. */
  #reported = new Map<string, number>();

  constructor(report: (event: ExpiryEvent<Used>) => void) {
    this.#report = report;
  }

  /** Reports those for which a new number of days is reached. `now`: milliseconds since 1970. */
  check(documents: readonly Used[], now: number): void {
    const reported = new Map<string, number>();
    for (const used of documents) {
      const { use, place }: Pick<Used, 'use' | 'place'> = used;
      const { name, fingerprint, ...dates } = datedOf(used, now);
      const state = validityOf(dates, now);
      if (state === 'valid') continue;
      // Several servers may present one certificate.
      const key = `${use} ${fingerprint}`;
      const leftMs = dates.validToDate.getTime() - now;
      const reached = DAYS.findLast((days) => leftMs <= days * DAY_MS) ?? DAYS[0];
      const before = reported.get(key) ?? this.#reported.get(key) ?? Number.POSITIVE_INFINITY;
      reported.set(key, Math.min(reached, before));
      if (reached >= before) continue;
      const when =
        state === 'not-yet-valid'
          ? `it begins at ${shownTime(dates.validFromDate)}`
          : `it ends at ${shownTime(dates.validToDate)}`;
      this.#report({ to: state, use, place, reason: `${name} ${FAULTS[state]}: ${when}` });
    }
    // Replaced certificates are forgotten.
    this.#reported = reported;
  }
}
