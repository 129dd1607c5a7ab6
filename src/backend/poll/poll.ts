import { type Clock, wallTime } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { retryAfterMs } from '../../upstream/retry/retry-after.ts';
import { sleep } from '../../upstream/retry/sleep.ts';

/** What `poll` reads, and when. Times are milliseconds. */
export interface PollOptions<Read> {
  /** Reads the operation: `() => clients.exports.get('/operations/{id}', …)`. Its errors end the poll. */
  readonly read: () => Read | Promise<Read>;
  readonly isDone: (answer: Read) => boolean;
  /** An answer that is known already, such as that of the call that began the operation. Default: `read` is called at once. */
  readonly first?: Read;
  /**
   * Waits between the reads: from `startMs` (default 250), `factor` times longer each time (default 2), up to `maxMs` (default
   * 5,000). The `Retry-After` of an answer of `full` replaces its wait, but for less than `startMs`.
   */
  readonly every?: { readonly startMs?: number; readonly maxMs?: number; readonly factor?: number };
  /** No read begins later. Default: the deadline of the request, which bounds it in any case. */
  readonly timeoutMs?: number;
  /** Maximum number of reads. Default 100. */
  readonly maxReads?: number;
}

/**
 * Reads an operation until it is done, and returns the answer that `isDone` accepts. Ends with the request.
 *
 * @throws GatewayError TIMEOUT as soon as no further read can begin in time, or after `maxReads`; Error for invalid options
 */
export type Poll = <Read>(options: PollOptions<Read>) => Promise<Read>;

interface PollSettings {
  readonly startMs: number;
  readonly maxMs: number;
  readonly factor: number;
  readonly timeoutMs: number;
  readonly maxReads: number;
}

/** @throws Error with all problems of the numbers */
const settingsOf = ({
  every = {},
  timeoutMs,
  maxReads = 100,
}: Pick<PollOptions<unknown>, 'every' | 'timeoutMs' | 'maxReads'>): PollSettings => {
  const { startMs = 250, factor = 2 } = every;
  const { maxMs = Math.max(startMs, 5_000) } = every;
  const rules: readonly (readonly [boolean, string])[] = [
    [startMs > 0, 'every.startMs must be above 0'],
    [maxMs >= startMs, 'every.maxMs must be at least every.startMs'],
    [factor >= 1, 'every.factor must be at least 1'],
    [timeoutMs === undefined || timeoutMs > 0, 'timeoutMs must be above 0'],
    [Number.isInteger(maxReads) && maxReads > 0, 'maxReads must be a whole number above 0'],
  ];
  const problems = rules.flatMap(([holds, problem]) => (holds ? [] : problem));
  if (problems.length > 0) throw new Error(`poll: ${problems.join('; ')}.`);
  return { startMs, maxMs, factor, timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY, maxReads };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const textIn = (headers: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** The `Retry-After` of an answer of `full` in milliseconds; null for none, and for other values. */
const requestedWait = (answer: unknown): number | null => {
  if (!isRecord(answer) || typeof answer.status !== 'number' || !isRecord(answer.headers)) return null;
  const { headers } = answer;
  return retryAfterMs(textIn(headers, 'retry-after'), wallTime(), textIn(headers, 'date'));
};

/** Makes the `poll` of one request. */
export const pollWithin =
  ({ signal, deadline }: Pick<RequestContext, 'signal' | 'deadline'>, clock: Clock): Poll =>
  async <Read>(options: PollOptions<Read>): Promise<Read> => {
    const { startMs, maxMs, factor, timeoutMs, maxReads } = settingsOf(options);
    const end = Math.min(deadline, clock.now() + timeoutMs);
    let reads = 0;
    const read = (): Read | Promise<Read> => {
      signal.throwIfAborted();
      reads += 1;
      return options.read();
    };
    let answer = options.first ?? (await read());
    for (let nextMs = startMs; !options.isDone(answer); nextMs = Math.min(maxMs, nextMs * factor)) {
      const waitMs = Math.max(startMs, requestedWait(answer) ?? nextMs);
      // Without a read to come, the rest of the time would be spent for nothing.
      if (reads >= maxReads || clock.now() + waitMs >= end)
        throw new GatewayError('TIMEOUT', `poll: the operation is not done after ${reads} reads.`);
      await sleep(waitMs, signal, clock);
      answer = await read();
    }
    return answer;
  };
