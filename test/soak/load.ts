import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const TICK_MS = 20;
/** Maximum number of requests in flight. A request beyond it is not sent and counts as a failure. */
const MAX_OPEN = 500;

/** Results of a load. */
export interface Stretch {
  readonly asked: number;
  /** Failures, by reason. */
  readonly failures: Readonly<Record<string, number>>;
  /** Latencies of the answered requests in milliseconds, sorted. */
  readonly tookMs: readonly number[];
  /** Maximum number of requests in flight. */
  readonly mostOpen: number;
  /** Resident memory of the process in bytes, once a second. */
  readonly rss: readonly number[];
}

export interface LoadOptions {
  readonly seconds: number;
  readonly perSecond: number;
  /** Process of the memory samples. */
  readonly pid: number;
  /** Sends one request: null for the right answer, else the reason of the failure. Must end by itself. */
  readonly runQuery: (number: number) => Promise<string | null>;
}

/** Resident memory of a local process. Reads /proc, so Linux only. */
export const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;

/** Sends requests at a steady rate whether or not answers arrive: a slow gateway builds a queue. */
export const load = async ({ seconds, perSecond, pid, runQuery }: LoadOptions): Promise<Stretch> => {
  const failures: Record<string, number> = {};
  const tookMs: number[] = [];
  const rss: number[] = [];
  const open = new Set<Promise<void>>();
  let [asked, mostOpen] = [0, 0];
  const failed = (why: string) => {
    failures[why] = (failures[why] ?? 0) + 1;
  };
  const one = async (number: number) => {
    const began = performance.now();
    const wrong = await runQuery(number).catch((error: unknown) => String(error));
    if (wrong === null) tookMs.push(performance.now() - began);
    else failed(wrong);
  };
  const began = performance.now();
  for (let spent = 0; spent < seconds * 1_000; spent = performance.now() - began) {
    for (const due = Math.floor((spent / 1_000) * perSecond); asked < due; asked += 1) {
      if (open.size >= MAX_OPEN) failed('not sent: too many are open');
      else {
        const question = one(asked).finally(() => open.delete(question));
        open.add(question);
      }
    }
    mostOpen = Math.max(mostOpen, open.size);
    if (spent >= rss.length * 1_000) rss.push(rssOf(pid));
    await wait(TICK_MS);
  }
  await Promise.all(open);
  return { asked, failures, tookMs: tookMs.sort((a, b) => a - b), mostOpen, rss };
};

export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
