/**
 * `npm run test:fuzz`: 100,000 random bodies to one gateway, or `--runs=<n>`, from `--seed=<n>` on. Exits with 1 if one of them has no
 * response within a second, a 5xx, or no JSON, or if the heap has grown.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fuzz } from './fuzz.ts';
import { fuzzedGateway } from './fuzzed-gateway.ts';

const HANG_MS = 1_000;
/** Requests after which caches are full, and the heap is measured first. */
const FILLED = 20_000;
const MAX_GROWTH_MIB = 32;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const heapMib = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1_048_576;
};

const [runs, seed] = [Number(values.runs), Number(values.seed)];
console.log(`${runs} requests, --seed=${seed}`);
await using gateway = await fuzzedGateway();
let before: number | null = null;
const progress = (count: number): void => {
  if (count >= FILLED) before ??= heapMib();
  if (count % 10_000 === 0) console.log(`${count} requests, heap ${heapMib().toFixed(0)} MiB`);
};
const { faults, statuses } = await fuzz(gateway, { runs, seed, hangMs: HANG_MS, progress });
const growth = before === null ? 0 : heapMib() - before;
console.log(`Statuses: ${JSON.stringify(statuses)}. Heap after the first ${FILLED}: ${growth.toFixed(1)} MiB more.`);
for (const fault of faults) console.error(fault);
if (faults.length > 0 || growth > MAX_GROWTH_MIB) process.exitCode = 1;
