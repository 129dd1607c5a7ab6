import { UpstreamError } from '../../../src/core/errors.ts';
import type { Call, Send } from '../../../src/upstream/call.ts';
import { endpointAt } from '../../../src/upstream/endpoints/endpoint.ts';
import type { TrafficOptions } from '../../../src/upstream/options.ts';
import { type ManualClock, manualClock } from '../clock/manual-clock.ts';
import { seeded } from '../random/seeded.ts';
import { restCall } from './calls.ts';
import { type Reaction, simulatedEndpoints } from './simulated-endpoints.ts';
import { stacked } from './stacked.ts';

/** A trigger lasts from here to there. */
const FROM_MS = 10_000;
const TO_MS = 20_000;
const END_MS = 40_000;
/** Time after the trigger in which the upstream has to recover. */
const RECOVERY_MS = 5_000;
const DEADLINE_MS = 2_000;

/** Calls a second, without a trigger: half of the capacity of the backend. */
const CALLS_PER_SECOND = 100;
const ENDPOINTS = ['a', 'b'];
const WORKERS = 5;
const SERVICE_MS = 50;

const isTriggered = (now: number): boolean => now >= FROM_MS && now < TO_MS;

/** What a trigger changes. */
interface Trigger {
  readonly perSecond?: (now: number) => number;
  /** Time of the backend for one attempt. */
  readonly serviceMs?: (now: number) => number;
  /** The error of the backend; null for an answer. */
  readonly fails?: (now: number) => ((call: Call) => UpstreamError) | null;
  /** What the clients of the gateway do around their calls. */
  readonly clients?: (send: Send, clock: ManualClock, random: () => number) => Send;
}

/**
 * An endpoint with workers and a queue. It does not notice that an attempt was aborted, and works on it: late work is
 * what keeps an overload going.
 */
const queueing = ({ serviceMs = () => SERVICE_MS, fails = () => null }: Trigger) => {
  const freeAt = new Array<number>(WORKERS).fill(0);
  return (now: number): Reaction => {
    const error = fails(now);
    if (error !== null) return { afterMs: 1, fails: error };
    const worker = freeAt.indexOf(Math.min(...freeAt));
    const end = Math.max(now, freeAt[worker] ?? 0) + serviceMs(now);
    freeAt[worker] = end;
    return { afterMs: end - now, fails: null };
  };
};

interface Recovery {
  /** Share of the calls that were answered, by period. */
  readonly before: number;
  readonly during: number;
  readonly after: number;
  /** Seconds from the end of the trigger to the beginning of the first second from which on 99 % are answered. */
  readonly recoveredS: number;
  /** Attempts for each call that was sent, from the beginning of the trigger on. */
  readonly attempts: number;
}

/** Simulates an upstream before, during and after a trigger. */
export const recoveryFrom = async (trigger: Trigger, traffic: TrafficOptions = {}): Promise<Recovery> => {
  const clock = manualClock();
  const random = seeded(5);
  const behaviours = Object.fromEntries(ENDPOINTS.map((host) => [host, queueing(trigger)]));
  const { send, run } = simulatedEndpoints(behaviours, clock);
  const since = { attempt: 0, retry: 0, hedge: 0 };
  const upstream = stacked(send, {
    clock,
    random,
    endpoints: ENDPOINTS.map((host) => endpointAt(`http://${host}`)),
    traffic: { timeoutMs: 500, ...traffic },
    report: ({ is }) => {
      if (clock.now() >= FROM_MS && (is === 'attempt' || is === 'retry' || is === 'hedge')) since[is] += 1;
    },
  });
  const { clients = (inner) => inner, perSecond = () => CALLS_PER_SECOND } = trigger;
  const ended = await run({
    through: clients(upstream.send, clock, random),
    perSecond,
    forMs: END_MS,
    call: (index) => restCall({ deadline: clock.now() + DEADLINE_MS }, { target: `/things/${index}` }),
  });
  const share = (from: number, to: number): number => {
    const made = ended.filter(({ at }) => at >= from && at < to);
    return made.filter(({ ok }) => ok).length / made.length;
  };
  const seconds = Array.from({ length: (END_MS - TO_MS) / 1_000 }, (_, second) => second);
  const bad = seconds.findLast((second) => share(TO_MS + second * 1_000, TO_MS + (second + 1) * 1_000) < 0.99);
  return {
    before: share(0, FROM_MS),
    during: share(FROM_MS, TO_MS),
    after: share(TO_MS + RECOVERY_MS, END_MS),
    recoveredS: bad === undefined ? 0 : bad + 1,
    attempts: since.attempt / (since.attempt - since.retry - since.hedge),
  };
};

const unavailable = (call: Call) =>
  new UpstreamError('SERVICE_UNAVAILABLE', call, 'answered 503', {
    status: 503,
    response: { status: 503, headers: {}, body: undefined },
  });

/** Clients that make a failed call again immediately, up to three times. */
const impatient =
  (send: Send, clock: ManualClock): Send =>
  async (call) => {
    for (let again = 0; again < 3; again += 1) {
      try {
        return await send({ ...call, deadline: clock.now() + DEADLINE_MS });
      } catch {
        // Made again.
      }
    }
    return send({ ...call, deadline: clock.now() + DEADLINE_MS });
  };

/** A cache of the clients that is lost at the trigger: 300 calls a second for 2,000 keys. */
const cached = (send: Send, clock: ManualClock, random: () => number): Send => {
  let known = new Map<number, Awaited<ReturnType<Send>>>();
  let isLost = false;
  return async (call) => {
    if (!isLost && clock.now() >= FROM_MS) {
      known = new Map();
      isLost = true;
    }
    const key = Math.floor(random() * 2_000);
    const found = known.get(key);
    if (found !== undefined) return found;
    const answer = await send(call);
    known.set(key, answer);
    return answer;
  };
};

/** Clients that disconnect every call in flight once a second while the trigger lasts, and make all of them again at once. */
const disconnecting = (send: Send, clock: ManualClock): Send => {
  let open = new Set<() => void>();
  let next = FROM_MS;
  return async (call) => {
    if (clock.now() >= next && next < TO_MS) {
      next += 1_000;
      const all = open;
      open = new Set();
      for (const disconnect of all) disconnect();
    }
    for (;;) {
      const own = new AbortController();
      const disconnect = () => own.abort(new Error('disconnected'));
      open.add(disconnect);
      try {
        return await send({ ...call, signal: own.signal });
      } catch (error) {
        if (!own.signal.aborted) throw error;
      } finally {
        open.delete(disconnect);
      }
    }
  };
};

/** The triggers of docs/traffic.md, in its order. */
export const TRIGGERS: Readonly<Record<string, Trigger>> = {
  'load spike: 3 times the capacity for 10 s': {
    perSecond: (now) => (isTriggered(now) ? 6 * CALLS_PER_SECOND : CALLS_PER_SECOND),
  },
  'slow backend: 10 times slower for 10 s': { serviceMs: (now) => (isTriggered(now) ? 10 * SERVICE_MS : SERVICE_MS) },
  'cold cache: 1.5 times the capacity until it is filled': { perSecond: () => 300, clients: cached },
  'mass disconnect: once a second for 10 s, all calls in flight are made again': {
    clients: disconnecting,
    perSecond: () => 150,
  },
  'retry storm: 503 for 10 s, clients make each call 4 times': {
    fails: (now) => (isTriggered(now) ? unavailable : null),
    clients: impatient,
  },
};
