import { type DestinationStream, destination as openDestination, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../config/telemetry.ts';
import type { Log } from './log.ts';

/** The log of one process: a JSON object a line. */
export interface ProcessLog extends Log {
  /** One line for a request that has ended. Level info. */
  access(entry: object): void;
  /** Writes what is still in memory. */
  flush(): void;
}

export interface ProcessLogOptions {
  readonly level: LogLevel;
  /** Default: standard output. */
  readonly to?: DestinationStream;
}

// A reader that has stopped reading must not fill our memory: what does not fit is dropped.
const MAX_WAITING_BYTES = 8 * 1_048_576;

const isText = (value: unknown): value is string => typeof value === 'string';

/** Not all that an error carries: libraries attach requests with their headers to theirs. */
const plainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && isText(error.code) ? { code: error.code } : {};
  return { type: error.name, ...code, stack: error.stack };
};

export const processLog = ({ level, to }: ProcessLogOptions): ProcessLog => {
  const stdout = to === undefined ? openDestination({ fd: 1, sync: false, maxLength: MAX_WAITING_BYTES }) : null;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: plainError },
    },
    to ?? stdout ?? openDestination(1),
  );
  return {
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    access: (entry) => logger.info(entry, 'request'),
    flush: () => stdout?.flushSync(),
  };
};
