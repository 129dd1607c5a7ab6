/** `node bench/memory.ts --requests=200000`: whether Tributary's memory is flat over so many requests. */
import { parseArgs } from 'node:util';
import { withBench } from './bench.ts';
import { memoryOver } from './harness/memory.ts';
import { memorySection } from './report/inside.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '200000' } } });

await withBench(async (bench) => console.log(memorySection(await memoryOver(Number(values.requests), bench))));
