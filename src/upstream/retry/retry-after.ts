import { MAX_PAUSE_MS } from '../outcome.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

// Date formats of RFC 9110, 5.6.7: the current one and the two obsolete ones that recipients must accept.
const TODAYS = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const RFC_850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/** Expands a year of two digits to the one that is at most 50 years ahead. */
const fullYear = (year: number, wallNow: number): number => {
  const thisYear = new Date(wallNow).getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + year;
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury;
};

const utc = (year: number, monthName: string, day: string, time: readonly string[]): number | null => {
  const month = MONTHS.indexOf(monthName);
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number);
  if (month === -1 || hours > 23 || minutes > 59 || seconds > 60) return null;
  const date = new Date(Date.UTC(year, month, Number(day), hours, minutes, seconds));
  // Date.UTC turns 31 February into a day of March.
  const isReal = seconds === 60 || date.getUTCDate() === Number(day);
  return isReal ? date.getTime() : null;
};

/**
 * Parses a date of HTTP to milliseconds since 1970; null for other text. Date.parse is unsuitable: it accepts nearly
 * anything, such as "-5" and "soon 1".
 */
export const httpDate = (value: string, wallNow: number): number | null => {
  const [, day = '', month = '', year = '', ...time] = TODAYS.exec(value) ?? [];
  if (year !== '') return utc(Number(year), month, day, time);
  const [, oldDay = '', oldMonth = '', shortYear = '', ...oldTime] = RFC_850.exec(value) ?? [];
  if (shortYear !== '') return utc(fullYear(Number(shortYear), wallNow), oldMonth, oldDay, oldTime);
  const [, cMonth = '', cDay = '', hours = '', minutes = '', seconds = '', cYear = ''] = ASCTIME.exec(value) ?? [];
  return cYear === '' ? null : utc(Number(cYear), cMonth, cDay, [hours, minutes, seconds]);
};

/**
 * Parses a `Retry-After` header to a wait in milliseconds, at most 300,000 (RFC 9110, 10.2.3).
 *
 * The value is a number of seconds or an HTTP date. A past date is 0; an absent or invalid value is null. A date counts
 * from the answer's own `Date`, so that clock differences do not matter; without one, from `wallNow` (milliseconds
 * since 1970).
 */
export const retryAfterMs = (value: string | undefined, wallNow: number, date?: string): number | null => {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, MAX_PAUSE_MS);
  const until = httpDate(text, wallNow);
  if (until === null) return null;
  const sent = httpDate(date?.trim() ?? '', wallNow) ?? wallNow;
  return Math.min(Math.max(until - sent, 0), MAX_PAUSE_MS);
};
