/** Repeats fixed pieces of work and reports their CPU time: a computation for each `speed`, and compressions by coding. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { orderPage } from '../workloads/order-page.ts';
import type { Coding, Task } from './calibrator.ts';

const STEPS = 20_000_000;
const TRIES = 3;
const PAGES = 20;

const work = (): number => {
  const start = performance.now();
  let bits = 1;
  for (let step = 0; step < STEPS; step += 1) bits = (Math.imul(bits, 0x85ebca6b) ^ (bits >>> 13)) | 1;
  const took = performance.now() - start;
  // The result is used, or there would be nothing to compute.
  return bits === 0 ? 0 : took;
};

const pages = orderPage.asked.slice(0, PAGES).map((asked) => JSON.stringify(asked.expected()));

/** With the settings of the gateway's listener. */
const COMPRESS: Readonly<Record<Coding, (body: string) => Buffer>> = {
  gzip: (body) => gzipSync(body, { level: 4 }),
  zstd: (body) => zstdCompressSync(body),
};

/** CPU of one page in microseconds. */
const compression = (coding: Coding): number => {
  const before = process.cpuUsage();
  for (const page of pages) COMPRESS[coding](page);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / pages.length;
};

const measure = (task: Task): number => {
  const run = task === 'speed' ? work : () => compression(task);
  return Math.min(...Array.from({ length: TRIES }, run));
};

process.on('message', (task: Task) => process.send?.(measure(task)));
process.on('disconnect', () => process.exit(0));
for (const task of ['speed', 'gzip', 'zstd'] as const) measure(task);
process.send?.('ready');
