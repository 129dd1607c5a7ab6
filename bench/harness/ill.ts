import type { Fate } from '../backends/traffic.ts';
import { pace } from '../load/pace.ts';
import { saturate } from '../load/saturate.ts';
import { Target } from '../load/target.ts';
import { orderPage, orderPageRest } from '../workloads/order-page.ts';
import type { Contender } from './contenders.ts';
import { type Bench, type Plan, warmUp } from './rounds.ts';
import { startServer } from './server.ts';
import { quantile } from './statistics.ts';

/** Faults of the stock backend. */
const FATES: Readonly<Record<string, Fate>> = {
  well: { delayMs: 0, failing: false },
  '20 ms slow': { delayMs: 20, failing: false },
  failing: { delayMs: 0, failing: true },
};

/** Shares of its own maximum with stock, for pages with stock and for pages without it: 60 % in all. */
const SHARE = 0.3;
const PROBE_MS = 2_000;

export interface Illness {
  readonly contender: Contender;
  readonly fate: string;
  /** Latencies of pages without stock, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Measures pages without stock while half of all pages call a stock backend that is slow or fails. Their answers must be
 * right; those of the others may be anything.
 */
export const illnessesOf = async (contender: Contender, bench: Bench, plan: Plan): Promise<readonly Illness[]> => {
  const server = await startServer(contender, bench.backends.endpoints);
  const stocked = new Target(server, orderPage);
  const healthy = new Target(server, orderPageRest);
  const found: Illness[] = [];
  try {
    for (const target of [stocked, healthy]) {
      await target.verify();
      await warmUp(target, plan.warmUpMs);
    }
    const { answers, seconds } = await saturate(stocked, PROBE_MS);
    const perSecond = (SHARE * answers) / seconds;
    for (const [fate, illness] of Object.entries(FATES)) {
      await bench.backends.setFate('stock', illness);
      const [times] = await Promise.all([
        pace(healthy, perSecond, plan.latencyMs),
        pace(stocked, perSecond, plan.latencyMs),
      ]);
      if (healthy.wrong > 0)
        throw new Error(`${contender.title}: ${healthy.wrong} wrong pages while stock was ${fate}.`);
      found.push({ contender, fate, p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
    }
    return found;
  } finally {
    await bench.backends.setFate('stock', { delayMs: 0, failing: false });
    stocked.close();
    healthy.close();
    await server.stop();
  }
};
