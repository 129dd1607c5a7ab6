import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, startProcess } from '../support/processes/processes.ts';
import { type Finding, found } from './promises/promise.ts';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const MAX_MS = 120_000;

/**
 * Runs existing tests that show a promise in detail: those of these files with matching names. Kept if there is one and
 * all of them pass.
 */
export const bySuite = async (files: readonly string[], names: RegExp, what: string): Promise<Finding> => {
  const folder = await mkdtemp(join(tmpdir(), 'faults-'));
  const output = join(folder, 'report.json');
  try {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const args = ['run', ...files, '-t', names.source, '--reporter=json', `--outputFile=${output}`];
    const running = startProcess(process.execPath, [vitest, ...args]);
    const timer = setTimeout(() => void running.stop(), MAX_MS);
    await running.ended.finally(() => clearTimeout(timer));
    const { numPassedTests, numFailedTests, testResults }: Report = JSON.parse(await readFile(output, 'utf8'));
    const failed = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'failed');
    return found(`${numPassedTests} of ${numPassedTests + numFailedTests} ${what}`, [
      numPassedTests === 0 && 'nothing was tested',
      failed.length > 0 && failed.map(({ fullName }) => fullName).join('; '),
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
};
