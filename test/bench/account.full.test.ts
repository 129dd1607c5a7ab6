import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixedCountsOf } from '../../bench/account/account.ts';
import { accountedRequests } from '../../bench/account/accounted-requests.ts';
import { readBaseline, rises } from '../../bench/account/baseline.ts';
import { type Backends, startBackends } from '../../bench/harness/backends.ts';

const baseline = readBaseline();
const majorOf = (version: string) => version.split('.')[0];

// The harness reads /proc, and another version of V8 allocates other amounts.
const isComparable = process.platform === 'linux' && majorOf(process.versions.node) === majorOf(baseline.node);

let backends: Backends;
beforeAll(async () => {
  backends = await startBackends({ pinned: false });
});
afterAll(() => backends.stop());

// The others add no code, only time.
const NAMES = new Set(['order-page', 'order-page-gzip', 'nothing', 'route']);
const requests = accountedRequests.filter(({ name }) => NAMES.has(name));

test.runIf(isComparable).for(requests)(
  'the counts of a request are at most 5 %% above the baseline: $title',
  async (request) => {
    const counts = { [request.name]: await fixedCountsOf(request, backends) };
    expect(rises(counts, baseline.counts)).toEqual([]);
  },
);
