/**
 * `npm run bench:account`: what one request allocates, creates, copies and calls. `-- --write` replaces the baseline that
 * a test holds, `-- --check` compares with it, and both count nothing else. `--workload=<name>` selects one workload.
 */
import { parseArgs } from 'node:util';
import { startBackends } from '../harness/backends.ts';
import { table } from '../report/table.ts';
import { type FixedCounts, fixedCountsOf, optimisedCountsOf } from './account.ts';
import { type Accounted, accountedRequests } from './accounted-requests.ts';
import { readBaseline, rises, writeBaseline } from './baseline.ts';
import { systemCallsOf, whyNoSystemCalls } from './system-calls.ts';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    workload: { type: 'string' },
  },
});

const requests = accountedRequests.filter(({ name }) => values.workload === undefined || name === values.workload);
if (requests.length === 0)
  throw new Error(`Unknown workload. Use one of ${accountedRequests.map(({ name }) => name).join(', ')}.`);

const ROWS: Readonly<Record<keyof FixedCounts, string>> = {
  interpretedKib: 'KiB allocated, optimising compilers off',
  promises: 'promises and awaits',
  timers: 'timers',
  immediates: 'immediates',
  ticks: 'ticks',
  copies: 'copies of a call',
};

const fixedRows = (counts: FixedCounts): readonly string[][] =>
  Object.entries(ROWS).map(([name, title]) => [title, String(Reflect.get(counts, name))]);

const backends = await startBackends({ pinned: false });

/** Counts that depend on the compilers, on the machine's load, or on the kernel. */
const furtherRows = async ({ contender, workload, mostKib }: Accounted): Promise<readonly string[][]> => {
  const { optimisedKib, collections } = await optimisedCountsOf(contender, workload, backends);
  const obstacle = whyNoSystemCalls();
  const calls = obstacle === null ? await systemCallsOf(contender, workload, backends) : [];
  return [
    ['KiB allocated, under load', optimisedKib.toFixed(0)],
    ...(mostKib === undefined ? [] : [[`  at most ${mostKib}`, optimisedKib <= mostKib ? 'kept' : 'missed']]),
    ['collections in 1,000 requests', collections.toFixed(1)],
    ['system calls', obstacle ?? calls.reduce((sum, [, count]) => sum + count, 0).toFixed(1)],
    ...calls.filter(([, count]) => count >= 0.1).map(([name, count]) => [`  ${name}`, count.toFixed(1)]),
  ];
};

try {
  const counts: Record<string, FixedCounts> = {};
  for (const request of requests) {
    const fixed = await fixedCountsOf(request, backends);
    counts[request.name] = fixed;
    const further = values.check || values.write ? [] : await furtherRows(request);
    console.log(`## ${request.title}\n\n${table(['one request', ''], [...fixedRows(fixed), ...further])}\n`);
  }
  if (values.write) writeBaseline(counts);
  const found = rises(counts, readBaseline().counts);
  for (const rise of found) console.error(rise);
  if (found.length > 0) process.exitCode = 1;
} finally {
  backends.stop();
}
