import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

const ALL = ['{src,schema,services-mock,scripts,test}/**/*.test.ts'];

/** Tests of promises with a number of milliseconds in them: nothing else runs beside them. */
const TIMED = [
  'src/http/graphql/graphql-route.test.ts',
  'src/http/listener/server.test.ts',
  'src/upstream/grpc/{transport,server-stream}.test.ts',
  'src/upstream/grpc/connection/{pool,pools,lifetime}.test.ts',
  'src/upstream/rest/{connections,lost}.test.ts',
  'test/faults/*.test.ts',
  'test/e2e/two-gateways.test.ts',
  'test/integration/{cancellation,rate-limits-redis,dns-under-load,faults,one-backend-down,store-faults,upstream-leaks,wrong-answers}.test.ts',
];
/** Tests that start whole programs. */
const PROGRAMS = ['test/e2e/**/*.test.ts'];
const NEVER = ['test/fixtures/**', '**/node_modules/**'];

const common = {
  // Against hangs. A promise with a time in it measures that time.
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 30_000, interval: 20 } },
  // Node's own imports: the tests run what production runs, and there is one copy of graphql.
  experimental: { viteModuleRunner: false },
};

const sideBySide = { maxWorkers: 4, sequence: { groupOrder: 0 } };

/**
 * Programs and milliseconds on a machine that others use: CI tries a failure once more, and names at the end
 * what passed only then. At a desk it fails at once, for whoever can look into it.
 */
const onceMoreInCI = { retry: process.env.CI ? 1 : 0 };

const flaky: string[] = [];
const namesTheFlaky: Reporter = {
  onTestCaseResult: (test) => {
    if (test.diagnostic()?.flaky) flaky.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  },
  onTestRunEnd: () => {
    if (flaky.length > 0) console.warn(['Passed only when tried again:', ...flaky].join('\n  '));
  },
};

export default defineConfig({
  test: {
    reporters: ['default', namesTheFlaky],
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: ALL,
          exclude: [...PROGRAMS, ...TIMED, ...NEVER],
          ...sideBySide,
        },
      },
      {
        test: {
          ...common,
          ...onceMoreInCI,
          name: 'programs',
          include: PROGRAMS,
          exclude: [...TIMED, ...NEVER],
          ...sideBySide,
        },
      },
      {
        test: {
          ...common,
          ...onceMoreInCI,
          name: 'alone',
          include: TIMED,
          exclude: NEVER,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
