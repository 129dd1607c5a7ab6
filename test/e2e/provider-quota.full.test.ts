import { expect, onTestFinished, test } from 'vitest';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { backendOver } from '../support/backends/scheme-backend.ts';
import { startEgressGateway } from '../support/processes/egress-gateway.ts';

const LONG = 300_000;

/** When a call was sent: after `from` and before `to`. */
interface Sent {
  readonly from: number;
  readonly to: number;
}

/**
 * Most calls that were certainly sent in one period of `seconds`. A busy machine widens the times between which a call
 * was sent, and never adds calls to a period.
 */
const mostInPeriod = (calls: readonly Sent[], seconds: number): number =>
  Math.max(
    ...calls.map(
      ({ from: start }) => calls.filter(({ from, to }) => from >= start && to < start + seconds * 1_000).length,
    ),
  );

/** Rounds on a busy machine, on which a gateway may lose Redis for a moment and then counts alone. */
const MAX_ROUNDS = 6;

test.skipIf(noOwnRedis !== null)(
  'two gateways with one Redis send at most the quota, and one more, in every period',
  { timeout: LONG },
  async () => {
    const [CALLS, SECONDS] = [100, 2];
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const backend = await backendOver('http');
    const start = () =>
      startEgressGateway(`{ quota: { calls: ${CALLS}, perSeconds: ${SECONDS} } }`, {
        PARTNER_THINGS_ENDPOINTS: backend.url,
        REDIS_URL: redis.url,
        RATE_LIMIT_REPLICAS: '2',
      });
    const gateways = await Promise.all([start(), start()]);
    const lapses = () => gateways.map(({ running }) => running.output().split('Redis does not answer').length - 1);
    const refused: (number | null)[] = [];
    const load = async ({ read }: (typeof gateways)[number], until: number, calls: Sent[]): Promise<void> => {
      while (performance.now() < until) {
        const from = performance.now();
        const { thing, code, retryAfter } = await read();
        if (thing !== null) {
          calls.push({ from, to: performance.now() });
          continue;
        }
        expect(code).toBe('RATE_LIMITED');
        refused.push(retryAfter);
      }
    };
    for (let round = 1; ; round += 1) {
      const [calls, arrived, before]: [Sent[], number, string] = [[], backend.arrivals.length, lapses().join()];
      const until = performance.now() + 5 * SECONDS * 1_000;
      await Promise.all(gateways.flatMap((gateway) => [1, 2, 3, 4].map(() => load(gateway, until, calls))));
      const isDecided = lapses().join() === before;
      if (!isDecided && round < MAX_ROUNDS) continue;
      expect(isDecided).toBe(true);
      expect(backend.arrivals.length - arrived).toBe(calls.length);
      expect(mostInPeriod(calls, SECONDS)).toBeLessThanOrEqual(CALLS + 1);
      expect(calls.length).toBeGreaterThanOrEqual(3 * CALLS);
      break;
    }
    expect(refused.every((seconds) => seconds !== null && seconds >= 1 && seconds <= SECONDS + 1)).toBe(true);
    expect(await gateways[0].admin('/metrics')).toMatch(/tributary_upstream_quota_remaining\{/);
  },
);
