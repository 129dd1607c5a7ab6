import { RATE_ALGORITHMS, type Rate, type RateAlgorithm } from '../counters/rate.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };
const FORM = /^([1-9]\d{0,14})\/([1-9]\d{0,8})([smhd]?)$/;
const MAX_SECONDS = 31 * 86_400;

export const RATE_FORM =
  'must be <limit>/<time>, such as 100/1m or 5000/1d, with ;burst=<units> or ;algorithm=<name> behind it if wanted';

const optionsOf = (texts: readonly string[]): Readonly<Record<string, string>> | null => {
  const options = new Map(texts.map((text): [string, string] => [text.split('=')[0] ?? '', text.split('=')[1] ?? '']));
  return options.size === texts.length ? Object.fromEntries(options) : null;
};

const isAlgorithm = (text: string): text is RateAlgorithm => RATE_ALGORITHMS.some((algorithm) => algorithm === text);

/**
 * Reads a rate: `100/1m`. With a burst it is a token bucket, otherwise a sliding window, unless it names an algorithm. Returns
 * null for another text.
 */
export const readRate = (text: string): Rate | null => {
  const [numbers = '', ...rest] = text.split(';').map((part) => part.trim());
  const [, limitText = '', time = '', unit = ''] = FORM.exec(numbers) ?? [];
  const {
    burst,
    algorithm = burst === undefined ? 'sliding-window' : 'token-bucket',
    ...others
  } = optionsOf(rest) ?? {
    unknown: '',
  };
  const [limit, seconds] = [Number(limitText), Number(time) * (UNIT_SECONDS[unit] ?? Number.NaN)];
  const capacity = burst === undefined ? limit : Number(burst);
  if (Object.keys(others).length > 0 || !isAlgorithm(algorithm)) return null;
  if (!(limit >= 1 && seconds >= 1 && seconds <= MAX_SECONDS)) return null;
  if (!(Number.isInteger(capacity) && capacity >= 1 && /^\d{1,15}$/.test(burst ?? '1'))) return null;
  if (burst !== undefined && algorithm !== 'token-bucket') return null;
  return { algorithm, limit, seconds, burst: capacity };
};

/** A time in its largest unit: 60 is `1m`. */
export const timeText = (seconds: number): string => {
  const [unit = 's', size = 1] =
    Object.entries(UNIT_SECONDS).findLast(([name, each]) => name !== '' && seconds % each === 0) ?? [];
  return `${seconds / size}${unit}`;
};

/** The text of a rate, in words. */
export const rateText = ({ algorithm, limit, seconds, burst }: Rate): string =>
  `${limit} in ${timeText(seconds)} (${algorithm.replace('-', ' ')}${algorithm === 'token-bucket' ? `, burst ${burst}` : ''})`;
