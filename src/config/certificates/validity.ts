import type { X509Certificate } from 'node:crypto';

export const DAY_MS = 86_400_000;
/** Days before its end in which a certificate is reported. */
const SOON_DAYS = 30;
/** Certificates are usually renewed with a third of their time left. Those of a service mesh live for hours. */
const SOON_SHARE = 1 / 3;

/** State of a certificate at a time. `expires-soon`: valid, for less than 30 days and less than a third of its time. */
export type Validity = 'valid' | 'expires-soon' | 'expired' | 'not-yet-valid';

type Dates = Pick<X509Certificate, 'validFromDate' | 'validToDate'>;

/** Returns the state of a certificate at `now`, in milliseconds since 1970. */
export const validityOf = ({ validFromDate, validToDate }: Dates, now: number): Validity => {
  if (validToDate.getTime() < now) return 'expired';
  if (validFromDate.getTime() > now) return 'not-yet-valid';
  const soonMs = Math.min(SOON_DAYS * DAY_MS, SOON_SHARE * (validToDate.getTime() - validFromDate.getTime()));
  return validToDate.getTime() - now < soonMs ? 'expires-soon' : 'valid';
};

/** A time as in messages: to the second, in UTC. */
export const shownTime = (date: Date): string =>
  Number.isNaN(date.getTime()) ? 'an unknown time' : `${date.toISOString().slice(0, 19)}Z`;

/** Returns the state of a certificate as the end of a sentence: `has expired (2026-11-29T12:00:00Z)`; null if valid. */
export const validityFault = (dates: Dates, now: number): string | null => {
  const { validFromDate, validToDate } = dates;
  switch (validityOf(dates, now)) {
    case 'expired':
      return `has expired (${shownTime(validToDate)})`;
    case 'not-yet-valid':
      return `is not valid before ${shownTime(validFromDate)}`;
    case 'expires-soon':
      return `expires soon (${shownTime(validToDate)})`;
    default:
      return null;
  }
};
