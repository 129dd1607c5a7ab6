import type { Ran, Thrown } from './cases.ts';
import { FEATURES, type Feature } from './features.ts';

/** Share of cases that may fall back to delegation. */
const MAX_FALLBACKS = 0.02;

const RAREST = 100;

const MAX_REPORTS = 20;

/** Results of cases so far, as plain data that processes can exchange. */
export interface Tally {
  cases: number;
  failed: number;
  readonly reports: string[];
  /** Cases without a plan, by reason. */
  readonly fallbacks: Record<string, number>;
  /** Cases executed by a plan, by their features. */
  readonly features: Record<string, number>;
  readonly thrown: Thrown;
}

export const emptyTally = (): Tally => ({
  cases: 0,
  failed: 0,
  reports: [],
  fallbacks: {},
  features: {},
  thrown: { models: 0, operations: 0 },
});

const more = (counts: Record<string, number>, name: string, by = 1): void => {
  counts[name] = (counts[name] ?? 0) + by;
};

export const addCase = (tally: Tally, { outcome, report }: Ran): void => {
  tally.cases += 1;
  const { execution, features } = outcome;
  if (execution.by === 'plan') for (const feature of features) more(tally.features, feature);
  else more(tally.fallbacks, execution.by === 'fallback' ? execution.reason : execution.by);
  if (report === null) return;
  tally.failed += 1;
  if (tally.reports.length < MAX_REPORTS) tally.reports.push(report);
};

export const together = (tallies: readonly Tally[]): Tally => {
  const all = emptyTally();
  for (const { cases, failed, reports, fallbacks, features, thrown } of tallies) {
    all.cases += cases;
    all.failed += failed;
    all.reports.push(...reports);
    for (const [reason, count] of Object.entries(fallbacks)) more(all.fallbacks, reason, count);
    for (const [feature, count] of Object.entries(features)) more(all.features, feature, count);
    all.thrown.models += thrown.models;
    all.thrown.operations += thrown.operations;
  }
  return all;
};

const countOf = ({ features }: Tally, feature: Feature): number => features[feature] ?? 0;

const fallbacksIn = ({ fallbacks }: Tally): number => Object.values(fallbacks).reduce((sum, count) => sum + count, 0);

/** Objections to a run, one line each. Each feature must occur once in at least `rarest` cases. Default 100. */
export const objections = (tally: Tally, rarest = RAREST): readonly string[] => {
  const least = Math.floor(tally.cases / rarest);
  const share = fallbacksIn(tally) / tally.cases;
  return [
    ...(tally.failed > 0 ? [`${tally.failed} cases differ from the reference`] : []),
    ...(share > MAX_FALLBACKS ? [`${(share * 100).toFixed(1)} % of the cases fell back to delegation`] : []),
    ...FEATURES.filter((feature) => countOf(tally, feature) < least).map(
      (feature) => `only ${countOf(tally, feature)} cases had in the plan: ${feature}`,
    ),
  ];
};

/** The run as a table. */
export const summary = (tally: Tally): string => {
  const line = (name: string, count: number) => `  ${name.padEnd(32)}${String(count).padStart(8)}`;
  return [
    line('cases', tally.cases),
    line('different from the reference', tally.failed),
    line('fell back', fallbacksIn(tally)),
    ...Object.entries(tally.fallbacks).map(([reason, count]) => line(`  ${reason}`, count)),
    line('modules thrown away', tally.thrown.models),
    line('operations thrown away', tally.thrown.operations),
    '  ran in the plan with',
    ...FEATURES.map((feature) => line(`  ${feature}`, countOf(tally, feature))),
  ].join('\n');
};
