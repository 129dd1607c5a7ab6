import { UpstreamError } from '../../../src/core/errors.ts';
import type { Answer, Call, Send } from '../../../src/upstream/call.ts';
import type { Endpoint } from '../../../src/upstream/endpoints/endpoint.ts';
import type { ManualClock } from '../clock/manual-clock.ts';
import { answer, restCall } from './calls.ts';

/** Reaction of a simulated endpoint to one attempt. */
export interface Reaction {
  readonly afterMs: number;
  /** Its error, or the code of one; null for an answer. */
  readonly fails: UpstreamError['code'] | ((call: Call) => UpstreamError) | null;
}

/** Reaction to an attempt that begins at `now`, by host. */
export type Behaviours = Readonly<Record<string, (now: number, call: Call) => Reaction>>;

/** One call that has ended. */
export interface Ended {
  /** Number of the call, from 0 in the order in which they were made. */
  readonly index: number;
  /** Null for a rejected call. */
  readonly host: string | null;
  /** Start time. */
  readonly at: number;
  readonly ms: number;
  readonly ok: boolean;
  /** The error of a call that failed. */
  readonly error: unknown;
}

export const takes = (afterMs: number) => (): Reaction => ({ afterMs, fails: null });
export const failsAfter = (afterMs: number) => (): Reaction => ({ afterMs, fails: 'UPSTREAM_ERROR' });

interface Pending {
  readonly due: number;
  readonly settle: () => void;
}

/** Flushes all pending promises. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 12; turn++) await null;
};

export interface Simulation {
  /** The transport: below the simulated layers. */
  readonly send: Send;
  /**
   * Makes calls at a rate, fixed or by the time since the start, whatever their outcome, and advances the clock from one
   * event to the next.
   */
  run(calls: {
    readonly through: Send;
    readonly perSecond: number | ((sinceMs: number) => number);
    readonly forMs: number;
    readonly call?: (index: number) => Call;
  }): Promise<readonly Ended[]>;
}

/** Endpoints on a manual clock: every event happens at its own time, and a second costs milliseconds. */
export const simulatedEndpoints = (behaviours: Behaviours, clock: ManualClock): Simulation => {
  const pending = new Set<Pending>();

  const react = (call: Call, { afterMs, fails }: Reaction): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const settle = () => {
        if (fails === null) resolve(answer());
        else if (typeof fails === 'function') reject(fails(call));
        else reject(new UpstreamError(fails, call, 'simulated', { status: 500 }));
      };
      const entry = { due: clock.now() + afterMs, settle };
      pending.add(entry);
      const giveUp = () => {
        pending.delete(entry);
        reject(call.signal.reason);
      };
      call.signal.addEventListener('abort', giveUp, { once: true });
    });

  const send: Send = async (call) => {
    const behaviour = behaviours[call.endpoint?.url.host ?? ''];
    if (behaviour === undefined) throw new Error(`no endpoint at ${call.endpoint?.url.host ?? 'no endpoint'}`);
    return react(call, behaviour(clock.now(), call));
  };

  const moveTo = async (time: number): Promise<void> => {
    for (;;) {
      const due = [...pending].reduce((first, { due }) => Math.min(first, due), Number.POSITIVE_INFINITY);
      clock.advance(Math.max(0, Math.min(due, time) - clock.now()));
      for (const one of pending) {
        if (one.due > clock.now()) continue;
        pending.delete(one);
        one.settle();
      }
      await settled();
      if (due > time) return;
    }
  };

  return {
    send,
    run: async ({ through, perSecond, forMs, call = () => restCall({ deadline: Number.POSITIVE_INFINITY }) }) => {
      const ended: Ended[] = [];
      const make = async (index: number) => {
        const at = clock.now();
        let host: string | null = null;
        const sent = { ...call(index), visited: new Set<Endpoint>() };
        let error: unknown = null;
        const ok = await through(sent).then(
          () => true,
          (thrown: unknown) => {
            error = thrown;
            return false;
          },
        );
        for (const { url } of sent.visited) host = url.host;
        ended.push({ index, host, at, ms: clock.now() - at, ok, error });
      };
      const start = clock.now();
      let sinceMs = 0;
      for (let index = 0; sinceMs < forMs; index++) {
        await moveTo(start + sinceMs);
        void make(index);
        await settled();
        sinceMs =
          typeof perSecond === 'number' ? ((index + 1) * 1_000) / perSecond : sinceMs + 1_000 / perSecond(sinceMs);
      }
      await moveTo(start + forMs);
      while (pending.size > 0) await moveTo(clock.now() + 1_000);
      return ended;
    },
  };
};

/** Share of the calls that went there. */
export const shareOf = (ended: readonly Ended[], host: string): number =>
  ended.filter((one) => one.host === host).length / ended.length;

/** Latency that this share of the calls did not exceed. */
export const percentile = (ended: readonly Ended[], part: number): number => {
  const sorted = ended.map(({ ms }) => ms).toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
};
