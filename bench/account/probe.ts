/**
 * Loaded into a server with `--import`: sends a `Reading` over IPC for every message. The hooks that count events allocate
 * themselves, so a process counts either bytes or events: `BENCH_PROBE` is `bytes` or `events`.
 */
import { createHook } from 'node:async_hooks';
import { Session } from 'node:inspector/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Reading } from './reading.ts';

/** The function by which layers copy a call. */
const COPIER = { file: /\/src\/upstream\/call\.ts$/, name: 'copyOf' };

const created = new Map<string, number>();
let copies = 0;
let collections = 0;

const session = new Session();

const countEvents = async (): Promise<void> => {
  session.connect();
  createHook({ init: (_id, type) => void created.set(type, (created.get(type) ?? 0) + 1) }).enable();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
};

/** Adds the calls since the last reading: reading the coverage resets it. */
const countCopies = async (): Promise<void> => {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const functions = result.filter(({ url }) => COPIER.file.test(url)).flatMap((script) => script.functions);
  const copiers = functions.filter(({ functionName }) => functionName === COPIER.name);
  for (const { ranges } of copiers) copies += ranges[0]?.count ?? 0;
};

const isCountingEvents = process.env.BENCH_PROBE === 'events';
if (isCountingEvents) await countEvents();
else
  new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  }).observe({ entryTypes: ['gc'] });

const read = async (): Promise<Reading> => {
  if (isCountingEvents) await countCopies();
  return {
    bytes: getHeapStatistics().total_allocated_bytes,
    promises: created.get('PROMISE') ?? 0,
    timers: created.get('Timeout') ?? 0,
    immediates: created.get('Immediate') ?? 0,
    ticks: created.get('TickObject') ?? 0,
    copies,
    collections,
  };
};

process.on('message', () => {
  void read().then((reading) => process.send?.(reading));
});
// Not a reason for the server to stay.
process.channel?.unref();
