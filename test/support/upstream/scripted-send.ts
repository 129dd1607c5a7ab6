import type { Answer, Call, Send } from '../../../src/upstream/call.ts';
import type { LayerDependencies, UpstreamEvent } from '../../../src/upstream/events.ts';
import { type ActiveOverrides, NO_OVERRIDES } from '../../../src/upstream/operations/active-overrides.ts';
import { type ManualClock, manualClock } from '../clock/manual-clock.ts';
import { answer } from './calls.ts';

/** One attempt, to be answered by the test. */
export interface Sent {
  readonly call: Call;
  reply(value: Partial<Answer>): void;
  fail(error: unknown): void;
}

/** An upstream that answers when the test does, and rejects when its call is aborted. */
export const scriptedSend = () => {
  const sent: Sent[] = [];
  const send: Send = (call) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (call.signal.aborted) reject(call.signal.reason);
    call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
    sent.push({ call, reply: (value) => resolve({ ...answer(), ...value }), fail: reject });
    return promise;
  };
  const at = (index: number): Sent => {
    const one = sent[index];
    if (one === undefined) throw new Error(`${sent.length} attempts have arrived, not ${index + 1}`);
    return one;
  };
  return { sent, send, at };
};

export interface ManualTools extends LayerDependencies {
  readonly clock: ManualClock;
  readonly events: readonly UpstreamEvent[];
}

/** Dependencies that a test controls: a manual clock, a random number that is 0.5 by default, all events recorded. */
export const manualDependencies = ({
  random = () => 0.5,
  ...overrides
}: Partial<ActiveOverrides & Pick<LayerDependencies, 'random'>> = {}) => {
  const events: UpstreamEvent[] = [];
  const dependencies: ManualTools = {
    clock: manualClock(),
    random,
    report: (event) => void events.push(event),
    overrides: { ...NO_OVERRIDES, ...overrides },
    events,
  };
  return dependencies;
};

/** Flushes all pending promises. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Rejection of a promise; fails the test if it was resolved. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`answered: ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
