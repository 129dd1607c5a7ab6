import { defineConfig } from 'vitest/config';

const ALL = ['{src,schema,services-mock,scripts,test}/**/*.test.ts'];

/** Tests of promises with a number of milliseconds in them: nothing else runs beside them. */
const TIMED = [
  'src/server/{graphql-route,lifecycle}.test.ts',
  'src/upstream/grpc/{wire,sessions,lifetime,peers,streaming}.test.ts',
  'src/upstream/rest/{connections,lost}.test.ts',
  'test/faults/*.test.ts',
  'test/e2e/two-gateways.test.ts',
  'test/integration/{cancellation,rate-limits-redis,dns-under-load,faults,one-backend-down,store-faults,upstream-leaks,wrong-answers}.test.ts',
];
const NEVER = ['test/fixtures/**', '**/node_modules/**'];

const common = {
  // Against hangs. A promise with a time in it measures that time.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 15_000, interval: 20 } },
  // Node's own imports: the tests run what production runs, and there is one copy of graphql.
  experimental: { viteModuleRunner: false },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: ALL,
          exclude: [...TIMED, ...NEVER],
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...common, name: 'alone', include: TIMED, exclude: NEVER, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
