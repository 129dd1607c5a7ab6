import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,schema,services-mock,scripts,test}/**/*.test.ts'],
    exclude: ['test/fixtures/**', '**/node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Node's own imports: the tests run what production runs, and there is one copy of graphql.
    experimental: { viteModuleRunner: false },
  },
});
