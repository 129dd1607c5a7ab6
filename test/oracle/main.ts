/**
 * `npm run test:oracle -- [cases] [seed]`: random operations over random modules, each answer compared with
 * graphql-js's over one unstitched schema. `-- repeat '<case>'` runs one case again; `-- planted` runs the mutation
 * tests; `-- edges [cases] [seed]` compares the responses with and without the direct edge.
 */
import { join } from 'node:path';
import { repeat } from './cases.ts';
import { compareEdges } from './edges/compare-edges.ts';
import { plantAll } from './planted.ts';
import { keepRejections } from './rejections.ts';
import { objections, summary } from './tally.ts';
import { runCases } from './workers.ts';

const ROOT = join(import.meta.dirname, '../..');
const CASES = 20_000;

const newSeed = (): string => Math.random().toString(36).slice(2, 8);

const run = async (cases: number, seed: string): Promise<boolean> => {
  console.log(`${cases} cases from the seed ${seed}: npm run test:oracle -- ${cases} ${seed}`);
  const tally = await runCases(ROOT, { seed, cases });
  for (const report of tally.reports) console.log(`\n${report}`);
  console.log(`\n${summary(tally)}`);
  const against = objections(tally);
  for (const line of against) console.log(`✗ ${line}`);
  return against.length === 0;
};

const runOne = async (name: string): Promise<boolean> => {
  keepRejections();
  const { outcome, report } = await repeat(name);
  console.log(report ?? `${name}: no difference, by ${JSON.stringify(outcome.execution)}`);
  return report === null;
};

const runEdges = async (cases = '1000', seed = newSeed()): Promise<boolean> => {
  keepRejections();
  // graphql-tools logs a warning for most random modules.
  console.warn = () => {};
  console.log(`${cases} cases from the seed ${seed}: npm run test:oracle -- edges ${cases} ${seed}`);
  const compared = await compareEdges(Number(cases), seed);
  for (const difference of compared.differences) console.log(`\n${difference}`);
  console.log(`${compared.cases} cases, ${compared.differences.length} differences`);
  console.log(`by the direct edge: ${JSON.stringify(compared.direct)}`);
  return compared.differences.length === 0;
};

const USAGE = `Usage: npm run test:oracle -- [cases] [seed], or repeat '<case>', or planted [seed], or edges [cases] [seed]`;

/** True if the run passed. */
const asked = async ([first = String(CASES), ...args]: readonly string[]): Promise<boolean> => {
  const [second = newSeed()] = args;
  if (first === 'repeat') return runOne(second);
  if (first === 'planted') return plantAll(second);
  if (first === 'edges') return runEdges(...args);
  if (/^[1-9]\d*$/.test(first)) return run(Number(first), second);
  console.log(USAGE);
  return false;
};

const begun = performance.now();
if (!(await asked(process.argv.slice(2)))) process.exitCode = 1;
console.log(`${((performance.now() - begun) / 1_000).toFixed(0)} s`);
