import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutIn, emptyFolder } from '../support/processes/checkout.ts';
import { ROOT } from '../support/processes/processes.ts';
import { AUTHORIZATION_PLANTS } from './authorization-plants.ts';
import { PLANTS, type Plant } from './plants.ts';
import type { Tally } from './tally.ts';
import { runCases } from './workers.ts';

/** Maximum number of cases within which a mutant is found. */
const CASES = 6_000;

/** @throws Error unless the code occurs exactly once: the sources have changed, and the mutant must follow them */
const plantIn = (folder: string, { file, code, instead }: Plant): void => {
  const path = join(folder, file);
  const [before = '', after, ...more] = readFileSync(path, 'utf8').split(code);
  if (after === undefined || more.length > 0)
    throw new Error(`${file} must contain ${JSON.stringify(code)} exactly once: update the mutant in plants.ts.`);
  writeFileSync(path, before + instead + after);
};

/** Runs cases over a copy of this repository with a mutant, or with none, until there is a difference. */
const found = async (plant: Plant | null, seed: string): Promise<Tally> => {
  const folder = emptyFolder();
  try {
    checkoutIn(folder);
    for (const tests of ['test/oracle', 'test/support'])
      cpSync(join(ROOT, tests), join(folder, tests), { recursive: true });
    if (plant !== null) plantIn(folder, plant);
    return await runCases(folder, { seed, cases: CASES, untilFirst: true });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const firstIn = ({ reports }: Tally): string => reports[0]?.split('\n')[1] ?? '';

/** Runs one mutant after the other, and prints after how many cases each was found; false if one was not. */
export const plantAll = async (seed: string): Promise<boolean> => {
  console.log(`Repeat with: npm run test:oracle -- planted ${seed}`);
  const clean = await found(null, seed);
  if (clean.failed > 0) {
    console.log(`✗ Difference without a mutant: ${firstIn(clean)}`);
    return false;
  }
  console.log(`✓ no mutant: ${clean.cases} cases without a difference`);
  let all = true;
  for (const plant of [...PLANTS, ...AUTHORIZATION_PLANTS]) {
    const tally = await found(plant, seed);
    all &&= tally.failed > 0;
    console.log(
      tally.failed > 0
        ? `✓ ${plant.what}: found at case ${tally.cases} of a worker: ${firstIn(tally)}`
        : `✗ ${plant.what}: not found`,
    );
  }
  return all;
};
