import { systemClock } from '../../src/core/clock.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Call, Send } from '../../src/upstream/call.ts';
import type { Protocol } from './protocols.ts';

/** One call of a load. */
export interface Sample {
  /** Scheduled time, in milliseconds since the start of the load. */
  readonly at: number;
  /** Milliseconds from then to its end. */
  readonly ms: number;
  /** Part of these by which it started late, because this process was busy. */
  readonly startedLateMs: number;
  /** Delay of a bare timer set for the call's deadline; null unless requested. */
  readonly timerLateMs: number | null;
  /** `ok`; `wrong` for an incorrect answer; else the code of the error. */
  readonly outcome: string;
  readonly id: string;
}

export interface CallOptions {
  /** In milliseconds from now. Default 2,000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Changes of the call. Its path on the wire stays that of its kind. */
  readonly as?: Partial<Pick<Call, 'route' | 'caller' | 'isIdentified' | 'origin'>>;
}

export type Kind = 'read' | 'write';

const NEVER = new AbortController().signal;

/** Makes one call. Never rejects. */
export const callOnce = async (
  send: Send,
  protocol: Protocol,
  kind: Kind,
  id: string,
  { deadlineMs = 2_000, signal = NEVER, as = {} }: CallOptions = {},
): Promise<string> => {
  const call = { ...protocol[kind](id, { deadline: systemClock.now() + deadlineMs, signal }), ...as };
  try {
    const answer = await send(call);
    return kind === 'write' || protocol.isRight(id, answer) ? 'ok' : 'wrong';
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error);
  }
};

export interface LoadOptions {
  readonly perSecond: number;
  readonly forMs: number;
  readonly kind?: Kind;
  /** Distinguishes ids from those of other loads. */
  readonly prefix: string;
  /** Deadline of one call in milliseconds. Default 2,000. */
  readonly deadlineMs?: number | ((index: number) => number);
  /** True to measure with each call how punctual timers of this process are. Default false. */
  readonly timed?: boolean;
  /** Changes of each call, by its number from 0. */
  readonly as?: (index: number) => NonNullable<CallOptions['as']>;
}

/** A load in progress. */
export interface Load {
  /** Ended calls, in order. */
  readonly samples: readonly Sample[];
  /** Milliseconds since its start. */
  now(): number;
  /** Settles once the last call has ended. */
  readonly done: Promise<readonly Sample[]>;
}

const TICK_MS = 2;

/** Delay of a timer. */
export const lateness = (ms: number): Promise<number> => {
  const due = performance.now() + ms;
  return new Promise((resolve) => setTimeout(() => resolve(performance.now() - due), ms));
};

/** Makes calls at a fixed rate, whatever their outcome. Latency counts from the scheduled time. */
export const startLoad = (send: Send, protocol: Protocol, options: LoadOptions): Load => {
  const { perSecond, forMs, kind = 'read', prefix, deadlineMs = 2_000, timed = false, as } = options;
  const began = performance.now();
  const samples: Sample[] = [];
  const count = Math.floor((perSecond * forMs) / 1_000);
  const { promise, resolve } = Promise.withResolvers<readonly Sample[]>();
  const one = async (index: number) => {
    const at = (index * 1_000) / perSecond;
    const id = `${prefix}-${index}`;
    const startedLateMs = performance.now() - began - at;
    const allowed = typeof deadlineMs === 'number' ? deadlineMs : deadlineMs(index);
    const timer = timed ? lateness(allowed) : null;
    const outcome = await callOnce(send, protocol, kind, id, { deadlineMs: allowed, ...(as && { as: as(index) }) });
    const ms = performance.now() - began - at;
    samples.push({ at, ms, startedLateMs, timerLateMs: timer === null ? null : await timer, outcome, id });
    if (samples.length === count) resolve(samples);
  };
  let next = 0;
  const tick = () => {
    const due = ((performance.now() - began) * perSecond) / 1_000;
    for (; next < count && next <= due; next += 1) void one(next);
    if (next < count) setTimeout(tick, TICK_MS);
  };
  tick();
  if (count === 0) resolve(samples);
  return { samples, now: () => performance.now() - began, done: promise };
};

/** All outcomes except `ok`, as `2 TIMEOUT, 1 wrong`; '' for none. */
export const failures = (samples: readonly Sample[]): string => {
  const counts = new Map<string, number>();
  for (const { outcome } of samples) if (outcome !== 'ok') counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
};

export const failed = (samples: readonly Sample[]): number => samples.filter(({ outcome }) => outcome !== 'ok').length;

/** Calls scheduled in this time of the load. */
export const between = (samples: readonly Sample[], from: number, to: number): readonly Sample[] =>
  samples.filter(({ at }) => at >= from && at < to);

/** Percentile; 0 for no values. */
export const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const p99 = (samples: readonly Sample[]): number =>
  quantile(
    samples.map(({ ms }) => ms),
    0.99,
  );

/** Median of the p99 of each second in this time: one second in which the machine was busy says nothing. */
export const p99BySecond = (samples: readonly Sample[], from: number, to: number): number => {
  const seconds = Array.from(
    { length: Math.max(1, Math.round((to - from) / 1_000)) },
    (_, second) => from + second * 1_000,
  );
  return median(seconds.map((start) => p99(between(samples, start, start + 1_000))));
};
