import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { load, quantile, type Stretch } from './load.ts';
import { type Memory, startNotesGateway } from './notes.ts';

/*
 * A gateway under steady load with a hung Redis (SIGSTOP): every request is answered, and nothing piles up.
 *
 *   node test/soak/redis-hung.ts [seconds]     duration of the hang; default 60
 *
 * Exits with 1 if a request fails or takes longer than a second, if the process or its heap holds 20 MB more after a
 * garbage collection, or if the gateway does not use Redis again ten seconds after SIGCONT.
 */

const PER_SECOND = 100;
const MAX_GROWTH = 20 * 1_024 * 1_024;
const MAX_MS = 1_000;
const BACK_WITHIN_MS = 10_000;
const WARM_UP_SECONDS = 20;
const AFTER_SECONDS = 5;

const Health = z.looseObject({ store: z.object({ status: z.string() }) });

/** Some notes are requested again and again, others once. */
const askAt = (graphql: string) => async (number: number) => {
  const id = number % 2 === 0 ? `hot${number % 50}` : `n${number}`;
  const response = await fetch(graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'query ($id: ID!) { note(id: $id) { text } }', variables: { id } }),
    signal: AbortSignal.timeout(5_000),
  });
  const text = (await response.text()).trim();
  return text === JSON.stringify({ data: { note: { text: `note ${id}` } } })
    ? null
    : `${response.status} ${/"code":"\w+"/.exec(text)?.[0] ?? 'with other data'}`;
};

const storeAt = async (admin: string): Promise<string> => {
  const health = await (await fetch(new URL('/health', admin), { signal: AbortSignal.timeout(5_000) })).json();
  return Health.parse(health).store.status;
};

const backAfter = async (admin: string): Promise<number | null> => {
  const began = performance.now();
  while (performance.now() - began < BACK_WITHIN_MS) {
    if ((await storeAt(admin)) === 'ok') return Math.round(performance.now() - began);
    await wait(50);
  }
  return null;
};

const mb = (bytes: number): string => (bytes / 1_024 / 1_024).toFixed(1);

const rowOf = ({ asked, failures, tookMs, mostOpen, rss }: Stretch, left: Memory) => ({
  asked,
  failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
  'p50 ms': quantile(tookMs, 0.5).toFixed(1),
  'p99 ms': quantile(tookMs, 0.99).toFixed(1),
  'longest ms': quantile(tookMs, 1).toFixed(1),
  'most open': mostOpen,
  'rss MB, peak': mb(Math.max(...rss)),
  'rss MB, collected': mb(left.rss),
  'heap MB, collected': mb(left.heap),
});

const lostIn = (name: string, { failures }: Stretch): string[] =>
  Object.entries(failures).map(([why, count]) => `${name}: ${count} x ${why}`);

/** Broken promises. */
const soak = async (seconds: number): Promise<readonly string[]> => {
  if (noOwnRedis !== null) return [noOwnRedis];
  const redis = await startRedis();
  try {
    await using gateway = await startNotesGateway(redis.url);
    const { pid, graphql, admin, memory } = gateway;
    const during = (length: number) => load({ seconds: length, perSecond: PER_SECOND, pid, runQuery: askAt(graphql) });
    const before = await during(WARM_UP_SECONDS);
    const leftBefore = await memory();
    redis.pause();
    const hung = await during(seconds);
    const leftHung = await memory();
    const hungStore = await storeAt(admin);
    redis.resume();
    const back = await backAfter(admin);
    const after = await during(AFTER_SECONDS);
    const leftAfter = await memory();
    console.table({ before: rowOf(before, leftBefore), hung: rowOf(hung, leftHung), after: rowOf(after, leftAfter) });
    console.log(`It found its Redis again ${back === null ? 'not within 10 s' : `after ${back} ms`}.`);
    const longest = quantile(hung.tookMs, 1);
    const grown = { rss: leftHung.rss - leftBefore.rss, heap: leftHung.heap - leftBefore.heap };
    return [
      ...[...lostIn('before', before), ...lostIn('hung', hung), ...lostIn('after', after)],
      ...(longest > MAX_MS ? [`a request took ${longest.toFixed(0)} ms`] : []),
      ...(grown.rss >= MAX_GROWTH ? [`the process holds ${mb(grown.rss)} MB more`] : []),
      ...(grown.heap >= MAX_GROWTH ? [`objects and buffers hold ${mb(grown.heap)} MB more`] : []),
      ...(hungStore === 'ok' ? ['the gateway did not notice that Redis hung'] : []),
      ...(back === null ? ['the gateway has not found its Redis again'] : []),
    ];
  } finally {
    await redis.close();
  }
};

const seconds = Number(process.argv[2] ?? 60);
if (!(seconds >= 5 && seconds <= 600)) throw new Error('Say for how many seconds Redis hangs: 5 to 600.');
const wrong = await soak(seconds);
for (const line of wrong) console.error(line);
process.exit(wrong.length === 0 ? 0 : 1);
