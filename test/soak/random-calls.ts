import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Answer, Call, Send } from '../../src/upstream/call.ts';

export type Protocol = 'rest' | 'grpc';

/** Outcomes of the calls so far. */
export interface Outcomes {
  /** By error code; `ok`, and `left` for aborted calls. */
  readonly calls: Map<string, number>;
  /** Signals that still had listeners after their calls had settled. */
  readonly suspects: AbortSignal[];
}

/** Reason of an abort by the caller. */
class LeftError extends Error {}

export interface CallerOptions {
  readonly sends: Readonly<Record<Protocol, Send>>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Signal of a caller that never aborts and has made calls from the beginning. */
  readonly staying: AbortSignal;
  readonly outcomes: Outcomes;
}

const MAX_AT_ONCE = 4;
const KEYS = 50;
const NOT_A_MESSAGE = new Error('no message');

const decode = (bytes: Uint8Array): number => {
  if (bytes.length > 0) throw NOT_A_MESSAGE;
  return bytes.length;
};

/** A read nine times of ten. One gRPC read in five is a stream. Some are identical to another. */
const messageOf = (protocol: Protocol, random: () => number): Pick<Call, 'route' | 'idempotent' | 'message'> => {
  const reads = random() < 0.9;
  const key = Math.floor(random() * KEYS);
  if (protocol === 'rest') {
    const message = reads
      ? ({ protocol, method: 'GET', target: `/things/${key}`, body: null } as const)
      : ({ protocol, method: 'POST', target: '/things', body: '{}' } as const);
    return { route: `${message.method} /things`, idempotent: reads, message };
  }
  const streaming = reads && random() < 0.2;
  const name = streaming ? 'List' : reads ? 'Read' : 'Write';
  return {
    route: `soak.v1.Things/${name}`,
    idempotent: reads,
    message: {
      protocol,
      path: `/soak.v1.Things/${name}`,
      request: Uint8Array.of(key),
      safe: reads,
      streaming,
      decode,
    },
  };
};

/** Mostly more than enough, so that a timer that is not cancelled outlasts everything else. Nothing else ends a stream. */
const ENOUGH_MS = 60_000;
const ENOUGH_FOR_STREAM_MS = 500;

/** Mostly enough, sometimes hardly enough, now and then none at all, in milliseconds. */
const timeoutFrom = (random: () => number): number => {
  const drawn = random();
  if (drawn < 0.75) return ENOUGH_MS;
  return drawn < 0.95 ? 1 + random() * 40 : random() * 2 - 0.5;
};

/** Reads a stream to its end, leaves it in the middle, or never reads it. */
const consume = async ({ value, ended }: Answer, random: () => number): Promise<void> => {
  if (ended === undefined || typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return;
  const drawn = random();
  if (drawn < 0.05) return ended;
  // Type of a stream's value by its contract.
  for await (const _ of value as AsyncIterable<unknown>) if (drawn < 0.3) break;
  await ended;
};

const outcomeOf = (error: unknown): string => {
  if (error instanceof GatewayError) return error.code;
  return error instanceof LeftError ? 'left' : `not ours: ${error}`;
};

const count = (counts: Map<string, number>, what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);

/** Makes between one and four calls that end together, as those of one request do. Resolves with their number. */
export const callSome = async (options: CallerOptions, atMost: number): Promise<number> => {
  const { sends, clock, random, staying, outcomes } = options;
  const gone = new AbortController();
  const signal = random() < 0.2 ? staying : gone.signal;
  const leaves = random() < 0.2 ? clock.after(random() * 30, () => gone.abort(new LeftError('left'))) : null;
  if (random() < 0.01) gone.abort(new LeftError('left before'));
  const since = clock.now();
  const timeoutMs = timeoutFrom(random);
  const one = async (): Promise<void> => {
    const protocol = random() < 0.5 ? 'rest' : 'grpc';
    const asked = messageOf(protocol, random);
    const isStream = asked.message.protocol === 'grpc' && asked.message.streaming === true;
    const call: Call = {
      upstream: `soak.${protocol}`,
      principalKey: 'anonymous',
      headers: {},
      deadline: since + (isStream ? Math.min(timeoutMs, ENOUGH_FOR_STREAM_MS) : timeoutMs),
      signal,
      request: null,
      attempt: 1,
      endpoint: null,
      ...asked,
    };
    try {
      await consume(await sends[protocol](call), random);
      count(outcomes.calls, 'ok');
    } catch (error) {
      count(outcomes.calls, outcomeOf(error));
    }
  };
  const number = Math.min(atMost, 1 + Math.floor(random() * MAX_AT_ONCE));
  await Promise.all(Array.from({ length: number }, one));
  leaves?.cancel();
  await setImmediate();
  if (signal !== staying && getEventListeners(signal, 'abort').length > 0) outcomes.suspects.push(signal);
  return number;
};
