import { expect, test } from 'vitest';
import { seeded } from '../../../test/support/random/seeded.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { manualDependencies, settled } from '../../../test/support/upstream/scripted-send.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type Call, type Send, stack } from '../call.ts';
import { NotProcessedError } from '../errors.ts';
import { hedge } from '../hedge/layer.ts';
import { trafficSettings } from '../options.ts';
import { RetryBudget } from './budget.ts';
import { retry } from './layer.ts';

const PER_SECOND = 100;
const SECONDS = 30;
const RATES = Array.from({ length: 11 }, (_, tenth) => tenth * 10);

/**
 * Sends 30 seconds of reads with this failure rate and one slow answer in 25. Returns the number of attempts and
 * hedges, and the elapsed seconds.
 */
const amplified = async (failPercent: number) => {
  const random = seeded(failPercent + 1);
  const dependencies = manualDependencies({ random });
  const settings = trafficSettings({ hedge: true, retry: { attempts: 5 } });
  if (settings.retry === null) throw new Error('retries are on by default');
  const budget = new RetryBudget(settings.retry, dependencies.clock);
  let attempts = 0;
  const backend: Send = (call) => {
    attempts += 1;
    if (random() * 100 < failPercent) return Promise.reject(new UpstreamError('UPSTREAM_ERROR', call, 'reset'));
    return new Promise((resolve, reject) => {
      const timer = dependencies.clock.after(random() < 0.04 ? 200 : 5, () => resolve(answer()));
      call.signal.addEventListener('abort', () => {
        timer.cancel();
        reject(call.signal.reason);
      });
    });
  };
  const send = stack(retry(settings.retry, budget, dependencies), hedge(settings.hedge, budget, dependencies))(backend);
  const results: Promise<unknown>[] = [];
  for (let sent = 0; sent < PER_SECOND * SECONDS; sent += 1) {
    results.push(send(restCall({ deadline: dependencies.clock.now() + 2_000 })).catch(() => null));
    await settled();
    dependencies.clock.advance(1_000 / PER_SECOND);
  }
  for (let ms = 0; ms < 2_000; ms += 10) {
    await settled();
    dependencies.clock.advance(10);
  }
  await Promise.all(results);
  expect(dependencies.clock.pending).toBe(0);
  return {
    attempts,
    seconds: dependencies.clock.now() / 1_000,
    hedges: dependencies.events.filter(({ is }) => is === 'hedge').length,
  };
};

test.each(RATES)(
  'with %d %% failures, retries and hedges together stay within a fifth of the calls plus 10 a second',
  async (rate) => {
    const { attempts, seconds, hedges } = await amplified(rate);
    const calls = PER_SECOND * SECONDS;
    expect(attempts).toBeGreaterThanOrEqual(calls);
    expect(attempts).toBeLessThanOrEqual(1.2 * calls + 10 * seconds);
    if (rate === 0) expect(hedges).toBeGreaterThan(50);
    if (rate === 100) expect(attempts).toBeGreaterThan(1.2 * calls);
  },
);

test('10,000 writes are each processed at most once, even if answers are lost', async () => {
  const random = seeded(10_000);
  const dependencies = manualDependencies({ random });
  const settings = trafficSettings({ hedge: true, retry: { budgetPerSecond: 100_000 } });
  if (settings.retry === null) throw new Error('retries are on by default');
  const budget = new RetryBudget(settings.retry, dependencies.clock);
  /** Number of executions in the backend, by id. */
  const ledger = new Map<string, number>();
  const unsent = { count: 0 };
  const backend: Send = async (call: Call) => {
    if (random() < 0.2) {
      unsent.count += 1;
      throw new UpstreamError('SERVICE_UNAVAILABLE', call, 'refused', { cause: new NotProcessedError('refused') });
    }
    const id = call.headers['x-id'] ?? '';
    ledger.set(id, (ledger.get(id) ?? 0) + 1);
    const fate = random();
    if (fate < 0.2) throw new UpstreamError('UPSTREAM_ERROR', call, 'reset');
    if (fate < 0.3) throw new UpstreamError('TIMEOUT', call, 'no answer');
    if (fate < 0.4)
      throw new UpstreamError('SERVICE_UNAVAILABLE', call, 'answered 503', { status: 503, retryAfterMs: 10 });
    if (fate < 0.5) throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, 'cut off');
    return answer();
  };
  const send = stack(retry(settings.retry, budget, dependencies), hedge(settings.hedge, budget, dependencies))(backend);
  const results = Array.from({ length: 10_000 }, (_, id) => {
    const call = restCall({ idempotent: false, headers: { 'x-id': String(id) } }, { method: 'POST' });
    return send(call).then(
      () => 'done',
      () => 'failed',
    );
  });
  for (let ms = 0; ms < 1_000; ms += 50) {
    await settled();
    dependencies.clock.advance(50);
  }
  const outcomes = await Promise.all(results);
  expect([...ledger.values()].every((times) => times === 1)).toBe(true);
  expect(outcomes.every((outcome, id) => outcome === 'failed' || ledger.get(String(id)) === 1)).toBe(true);
  // Three attempts with a refusal rate of one in five: 124 of 125 writes reach a backend.
  expect(unsent.count).toBeGreaterThan(2_000);
  expect(ledger.size).toBeGreaterThan(9_850);
});
