import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FixedCounts } from './account.ts';

/** Committed counts, by workload. */
export interface Baseline {
  /** Version of Node that they belong to. */
  readonly node: string;
  readonly counts: Readonly<Record<string, FixedCounts>>;
}

/** A count that rises by more than this share is a regression. */
const MAX_RISE = 0.05;

const FILE = join(import.meta.dirname, 'baseline.json');

export const readBaseline = (): Baseline => JSON.parse(readFileSync(FILE, 'utf8')) as Baseline; // what is written below

/** Replaces the counts of these workloads. */
export const writeBaseline = (counts: Baseline['counts']): void => {
  const all = { ...readBaseline().counts, ...counts };
  writeFileSync(FILE, `${JSON.stringify({ node: process.versions.node, counts: all } satisfies Baseline, null, 2)}\n`);
};

/** Names each count that is more than 5 % above that of the baseline; a workload without a baseline has no rise. */
export const rises = (counts: Baseline['counts'], baseline: Baseline['counts']): readonly string[] =>
  Object.entries(counts).flatMap(([workload, found]) => {
    const before = Object.entries(baseline[workload] ?? {});
    return before.flatMap(([name, most]) => {
      const now = Number(Reflect.get(found, name));
      return now <= most * (1 + MAX_RISE) ? [] : [`${workload}: ${name} rose from ${most} to ${now}`];
    });
  });
