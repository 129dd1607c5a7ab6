import { expect, test } from 'vitest';
import { underAntagonists } from '../../../test/support/upstream/antagonised-servers.ts';

// docs/traffic.md has the latencies of more cases.
for (const [gateways, limit] of [
  [30, 0.5],
  [10, 0.75],
] as const)
  test(`${gateways} gateways under antagonists at 85 to 95 %: p99.9 of probing is at most ${limit} of peak EWMA's`, async () => {
    const ratios: number[] = [];
    for (const load of [0.85, 0.9, 0.95]) {
      const rig = { servers: 20, gateways, load, forMs: 12_000, seed: 1 };
      const byEwma = await underAntagonists({ ...rig, balance: { policy: 'peak-ewma' } });
      const probing = await underAntagonists({ ...rig, balance: { policy: 'probing' } });
      ratios.push(probing.p999 / byEwma.p999);
      expect(probing.probesPerCall).toBeLessThanOrEqual(3);
    }
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThanOrEqual(limit);
  });
