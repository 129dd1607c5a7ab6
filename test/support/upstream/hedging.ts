import type { Call, Send } from '../../../src/upstream/call.ts';
import { hedge } from '../../../src/upstream/hedge/layer.ts';
import type { HedgeOptions } from '../../../src/upstream/options.ts';
import { RetryBudget } from '../../../src/upstream/retry/budget.ts';
import { answer, restCall } from './calls.ts';
import { type ManualTools, manualDependencies, scriptedSend } from './scripted-send.ts';

/** A read with a distant deadline. */
export const slowRead = (changes: Partial<Call> = {}) =>
  restCall({ deadline: Number.POSITIVE_INFINITY, visited: new Set(), ...changes });

export interface HedgingSetting extends HedgeOptions {
  readonly dependencies?: ManualTools;
  readonly budgetPerSecond?: number;
  /** Latencies of earlier reads in milliseconds. */
  readonly before?: readonly number[];
}

/** A layer with earlier reads, then with a backend that the test controls. */
export const hedging = async (setting: HedgingSetting = {}) => {
  const { dependencies = manualDependencies(), budgetPerSecond = 10, percentile = 0.95, minDelayMs = 5 } = setting;
  const { before = Array.from({ length: 20 }, () => 20) } = setting;
  const budget = new RetryBudget({ budgetRatio: 0, budgetPerSecond }, dependencies.clock);
  const script = scriptedSend();
  let seen = false;
  const took: Send = async () => answer();
  const layer = hedge({ percentile, minDelayMs }, budget, dependencies);
  const send = layer((call) => {
    if (seen) return script.send(call);
    const { promise, resolve } = Promise.withResolvers<void>();
    dependencies.clock.after(Number(call.headers['x-ms']), resolve);
    return promise.then(() => took(call));
  });
  for (const ms of before) {
    const result = send(slowRead({ headers: { 'x-ms': String(ms) } }));
    dependencies.clock.advance(ms);
    await result;
  }
  seen = true;
  return { ...script, send, dependencies, budget };
};
