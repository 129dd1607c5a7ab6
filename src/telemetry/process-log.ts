import { type DestinationStream, pino } from 'pino';
import { wallTime } from '../clock.ts';
import type { LogLevel } from '../config/telemetry.ts';
import type { Log } from './log.ts';

/** The log of one process: a JSON object a line. */
export interface ProcessLog extends Log {
  /** One line for a request that has ended. Level info. The entry is plain data, and has at least one field. */
  access(entry: object): void;
}

export interface ProcessLogOptions {
  readonly level: LogLevel;
  /** Takes whole lines. */
  readonly to: DestinationStream;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Not all that an error carries: libraries attach requests with their headers to theirs. */
const plainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && isText(error.code) ? { code: error.code } : {};
  return { type: error.name, ...code, stack: error.stack };
};

/** A line's time as JSON: to the millisecond, of which only the milliseconds are written anew within one second. */
const isoTime = (): (() => string) => {
  let second = Number.NaN;
  let upToSecond = '';
  return () => {
    const now = wallTime();
    const current = Math.floor(now / 1_000);
    if (current !== second) {
      second = current;
      upToSecond = new Date(now).toISOString().slice(0, -'000Z'.length);
    }
    return `,"time":"${upToSecond}${String(now - second * 1_000).padStart(3, '0')}Z"`;
  };
};

export const processLog = ({ level, to }: ProcessLogOptions): ProcessLog => {
  const time = isoTime();
  const logger = pino(
    {
      level,
      base: null,
      timestamp: time,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: plainError },
    },
    to,
  );
  const writesAccess = logger.isLevelEnabled('info');
  return {
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    // As pino would write it, which makes JSON of each of an entry's fields by itself.
    access: (entry) => {
      if (!writesAccess) return;
      to.write(`{"level":"info"${time()},${JSON.stringify(entry).slice(1, -1)},"msg":"request"}\n`);
    },
  };
};
