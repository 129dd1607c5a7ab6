import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixedCountsOf } from '../../bench/account/account.ts';
import { readBaseline, rises } from '../../bench/account/baseline.ts';
import { type Backends, startBackends } from '../../bench/harness/backends.ts';
import { tributary } from '../../bench/harness/contenders.ts';
import { orderPage } from '../../bench/workloads/order-page.ts';
import { grpcOnly, nothing } from '../../bench/workloads/simple.ts';

const baseline = readBaseline();
const majorOf = (version: string) => version.split('.')[0];

// The harness reads /proc, and another version of V8 allocates other amounts.
const isComparable = process.platform === 'linux' && majorOf(process.versions.node) === majorOf(baseline.node);

let backends: Backends;
beforeAll(async () => {
  backends = await startBackends({ pinned: false });
});
afterAll(() => backends.stop());

test.runIf(isComparable).for([orderPage, nothing, grpcOnly])(
  'the counts of a request are at most 5 %% above the baseline: $title',
  async (workload) => {
    const counts = { [workload.name]: await fixedCountsOf(tributary, workload, backends) };
    expect(rises(counts, baseline.counts)).toEqual([]);
  },
);
