import { defineConfig } from 'vitest/config';
import { progressReporter } from './scripts/progress-reporter.ts';

/** `*.full.test.ts`: tests that are too slow for `npm test`. `npm run test:full` runs them as well. */
const FULL = '**/*.full.test.ts';
const ALL = '{src,schema,examples,services-mock,test}/**/*.test.ts';
/** Tests that start whole programs. */
const PROGRAMS = 'test/e2e/**/*.test.ts';
const NEVER = ['test/fixtures/**', '**/node_modules/**'];

const common = {
  // Against hangs only.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 120_000, interval: 20 } },
  // More would only make each slower: tests in one process share its event loop.
  maxConcurrency: 2,
  // Node's own imports: the tests run what production runs, and there is one copy of graphql.
  experimental: { viteModuleRunner: false },
};

export default defineConfig({
  test: {
    // A terminal has vitest's own display. Elsewhere a line now and then, and the failures.
    reporters: process.stdout.isTTY ? ['default'] : ['minimal', progressReporter()],
    projects: [
      {
        test: {
          ...common,
          name: 'tests',
          include: [ALL],
          exclude: [PROGRAMS, FULL, ...NEVER],
          // One process for many files: loading graphql, zod and fastify costs more than most files take.
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'programs',
          include: [PROGRAMS],
          exclude: [FULL, ...NEVER],
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'full',
          include: [FULL],
          exclude: NEVER,
          // Many wait for timers, programs or a kernel: two files use two cores that one leaves idle for half of the time.
          // None compares times that another file could change.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
