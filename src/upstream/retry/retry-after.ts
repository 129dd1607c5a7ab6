/** The longest that anybody's wish is honoured, in milliseconds (Envoy's and Linkerd's cap). */
export const LONGEST_RETRY_AFTER_MS = 300_000;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

// RFC 9110 5.6.7: the date that is written today, and the two obsolete ones that must still be read.
const TODAYS = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const RFC_850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/** Of two digits, the year that is not more than 50 years ahead. */
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
  // 31 February would be a day of March.
  const isReal = seconds === 60 || date.getUTCDate() === Number(day);
  return isReal ? date.getTime() : null;
};

// Not Date.parse: it makes a date of nearly anything, "-5" and "soon 1" included.
const httpDate = (value: string, wallNow: number): number | null => {
  const [, day = '', month = '', year = '', ...time] = TODAYS.exec(value) ?? [];
  if (year !== '') return utc(Number(year), month, day, time);
  const [, oldDay = '', oldMonth = '', shortYear = '', ...oldTime] = RFC_850.exec(value) ?? [];
  if (shortYear !== '') return utc(fullYear(Number(shortYear), wallNow), oldMonth, oldDay, oldTime);
  const [, cMonth = '', cDay = '', hours = '', minutes = '', seconds = '', cYear = ''] = ASCTIME.exec(value) ?? [];
  return cYear === '' ? null : utc(Number(cYear), cMonth, cDay, [hours, minutes, seconds]);
};

/**
 * The wait that a `Retry-After` header requires, in milliseconds (RFC 9110 10.2.3).
 *
 * Seconds or a date of HTTP; a date that has passed is 0, more than 300 seconds are 300 seconds, and anything else, or
 * nothing, is null. A date counts from the answer's own `Date`, so that clocks that differ, or were set meanwhile, do not
 * matter; without a `Date` from `wallNow`, in milliseconds since 1970.
 */
export const retryAfterMs = (value: string | undefined, wallNow: number, date?: string): number | null => {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_RETRY_AFTER_MS);
  const until = httpDate(text, wallNow);
  if (until === null) return null;
  const sent = httpDate(date?.trim() ?? '', wallNow) ?? wallNow;
  return Math.min(Math.max(until - sent, 0), LONGEST_RETRY_AFTER_MS);
};
