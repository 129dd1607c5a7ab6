import { type DestinationStream, pino } from 'pino';
import type { LogLevel } from '../../config/telemetry.ts';
import { wallTime } from '../../core/clock.ts';
import type { Log } from './log.ts';

/** The log of one process: one JSON object per line. */
export interface ProcessLog extends Log {
  /** Writes the line of an ended request, at level info. The entry is plain data with at least one field. */
  access(entry: object): void;
}

export interface ProcessLogOptions {
  readonly level: LogLevel;
  /** Receives complete lines. */
  readonly to: DestinationStream;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Selects the safe fields of an error: libraries attach requests with their headers. */
const plainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && isText(error.code) ? { code: error.code } : {};
  return { type: error.name, ...code, stack: error.stack };
};

/** Returns a function for the time of a line as JSON. Within one second, only the milliseconds are formatted again. */
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
    // Same format as pino, which serializes each field separately.
    access: (entry) => {
      if (!writesAccess) return;
      to.write(`{"level":"info"${time()},${JSON.stringify(entry).slice(1, -1)},"msg":"request"}\n`);
    },
  };
};
