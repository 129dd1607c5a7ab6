/**
 * `node bench/memory.ts`: whether Tributary's memory stays flat over 200,000 requests, or `--requests=<n>`. Exits with 1 if
 * it does not.
 */
import { parseArgs } from 'node:util';
import { withBench } from './bench.ts';
import { isFlat, memoryOver } from './harness/memory.ts';
import { memorySection } from './report/inside.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '200000' } } });

await withBench(async (bench) => {
  const memory = await memoryOver(Number(values.requests), bench);
  console.log(memorySection(memory));
  if (!isFlat(memory)) process.exitCode = 1;
});
