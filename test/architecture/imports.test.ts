import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { violations } from '../../scripts/imports/violations.ts';

const manifest = { name: 'tributary', exports: { './backend': './src/backend/index.ts' } };

/** Violations in a tree of these files on disk. */
const violationsOf = (files: Record<string, string>): string[] => {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return violations(root);
};

test('imports point one way', () => {
  expect(violations(join(import.meta.dirname, '../..'))).toEqual([]);
});

const UPWARD = 'src/upstream/call.ts must not import src/backend/batch.ts (upstream is below backend)';

for (const [kind, text] of Object.entries({
  'import type': `import type { Batch } from '../backend/batch.ts';`,
  'an import of nothing': `import '../backend/batch.ts';`,
  'export from': `export { batch } from '../backend/batch.ts';`,
  'export type * from': `export type * from '../backend/batch.ts';`,
  'a dynamic import': `export const later = () => import('../backend/batch.ts');`,
  'a dynamic import of a template': 'export const later = () => import(`../backend/batch.ts`);',
  'an import within a type': `export type Batch = Promise<import('../backend/batch.ts').Batch>;`,
}))
  test(`${kind} counts as an import`, () => {
    expect(violationsOf({ 'src/upstream/call.ts': text })).toEqual([UPWARD]);
  });

test('the package imported by its own name counts as the file behind that name', () => {
  expect(violationsOf({ 'src/cache/store.ts': `import { batch } from 'tributary/backend';` })).toEqual([
    'src/cache/store.ts must not import src/backend/index.ts (cache is below backend)',
  ]);
});

test('an import downward, within a folder, of a package or of Node is allowed', () => {
  expect(
    violationsOf({
      'src/graph/assemble.ts': `import { a } from '../backend/a.ts'; import './b.ts'; import 'graphql'; import 'node:fs';`,
      'src/main.ts': `import './start.ts'; import './http/listen.ts'; process.env.PORT;`,
      'src/cli/main.ts': `import '../app/start.ts'; process.env.PORT;`,
      'src/upstream/rest/pool.ts': `import { Pool } from 'undici';`,
    }),
  ).toEqual([]);
});

test('folders of one rank do not import each other', () => {
  expect(violationsOf({ 'src/auth/token.ts': `import { store } from '../cache/store.ts';` })).toEqual([
    'src/auth/token.ts must not import src/cache/store.ts (auth and cache are of one rank)',
  ]);
});

test('a folder without a row is reported', () => {
  expect(violationsOf({ 'src/helpers/text.ts': `import { GatewayError } from '../core/errors.ts';` })).toEqual([
    'src/helpers/text.ts must not import src/core/errors.ts (helpers has no row in scripts/imports/layers.ts)',
  ]);
});

test('a cycle is reported once, types or not', () => {
  expect(
    violationsOf({
      'src/backend/a.ts': `import type { B } from './b.ts';`,
      'src/backend/b.ts': `export * from './c.ts';`,
      'src/backend/c.ts': `export type A = import('./a.ts').A;`,
    }),
  ).toEqual(['src/backend/a.ts > src/backend/b.ts > src/backend/c.ts > src/backend/a.ts is an import cycle']);
});

test('a schema module imports tributary/backend, its own folder, files that modules share and packages other than graphql', () => {
  expect(
    violationsOf({
      'schema/stock/index.ts': [
        `import { batch } from 'tributary/backend';`,
        `import { z } from 'zod';`,
        `import type { Schema } from './schema.generated.ts';`,
        `import { byKey } from '../../src/backend/batch.ts';`,
        `import { price } from '../catalog/price.ts';`,
        `import { cents } from '../common.ts';`,
        `import { testBackend } from 'tributary/testing';`,
        `import { GraphQLError } from 'graphql';`,
      ].join('\n'),
      'schema/common.ts': `import { scalar } from 'tributary/backend';`,
      'schema/stock/index.test.ts': `import { test } from 'vitest'; import { testBackend } from 'tributary/testing';`,
    }),
  ).toEqual([
    'schema/stock/index.ts must not import src/backend/batch.ts (a module imports tributary/backend, its own folder, and files directly in schema)',
    'schema/stock/index.ts must not import schema/catalog/price.ts (a module imports tributary/backend, its own folder, and files directly in schema)',
    'schema/stock/index.ts must not import tributary/testing (tributary/testing is for tests)',
    'schema/stock/index.ts must not import graphql (a module never needs graphql itself)',
  ]);
});

test('an example module follows the rules of modules, and its mock imports packages and its own folder', () => {
  expect(
    violationsOf({
      'examples/stock/index.ts': `import { price } from '../../schema/common.ts'; import { cents } from '../common.ts';`,
      'examples/shared.ts': `import { scalar } from 'tributary/backend';`,
      'examples/stock/mock.ts': `import { buildSchema } from 'graphql'; import { rest } from 'tributary/backend';`,
    }),
  ).toEqual([
    'examples/stock/index.ts must not import schema/common.ts (a module imports tributary/backend, its own folder, and files directly in examples)',
    'examples/stock/mock.ts must not import src/backend/index.ts (a mock imports packages and its own folder)',
  ]);
});

test('src and services-mock do not import each other, nor a module', () => {
  expect(
    violationsOf({
      'src/graph/assemble.ts': `import stock from '../../schema/stock/index.ts';`,
      'src/http/listen.ts': `import { startMock } from '../../services-mock/start.ts';`,
      'src/http/listen.test.ts': `import { startMock } from '../../services-mock/start.ts';`,
      'services-mock/start.ts': `import { systemClock } from '../src/core/clock.ts'; import type { Schema } from '../schema/stock/index.ts';`,
    }),
  ).toEqual([
    'src/graph/assemble.ts must not import schema/stock/index.ts (src stands by itself)',
    'src/http/listen.ts must not import services-mock/start.ts (src stands by itself)',
    'services-mock/start.ts must not import src/core/clock.ts (services-mock knows nothing of the gateway)',
    'services-mock/start.ts must not import schema/stock/index.ts (services-mock knows nothing of the gateway)',
  ]);
});

test('the network is used in src/upstream only', () => {
  expect(violationsOf({ 'src/backend/send.ts': `import { request } from 'undici'; import 'node:http2';` })).toEqual([
    'src/backend/send.ts must not import undici (only src/upstream/ and src/config/egress/ import it)',
    'src/backend/send.ts must not import node:http2 (only src/upstream/ and src/config/egress/ import it)',
  ]);
});

test('time is read in the clock and the environment in main, in every notation', () => {
  expect(
    violationsOf({
      'src/core/clock.ts': 'setTimeout(() => {}, performance.now());',
      'src/cache/ttl.ts': 'globalThis.setTimeout(() => {}, Date.now());',
      'src/cache/sweep.ts': `import { setInterval } from 'node:timers/promises'; for await (const _ of setInterval(5));`,
      'src/cache/size.ts': `const { env } = process; AbortSignal['timeout'](env.TTL);`,
      'src/cache/socket.ts':
        'socket.setTimeout(5); const options = { setTimeout: 5 }; interface A { setInterval(): void }',
      'src/cache/ttl.test.ts': 'setTimeout(() => {}, 5);',
    }),
  ).toEqual([
    'src/cache/size.ts must not use AbortSignal.timeout (only src/core/clock.ts does)',
    'src/cache/size.ts must not use process.env (only src/main.ts and src/cli/main.ts do)',
    'src/cache/sweep.ts must not use setInterval (only src/core/clock.ts does)',
    'src/cache/sweep.ts must not use node:timers/promises (only src/core/clock.ts does)',
    'src/cache/ttl.ts must not use setTimeout (only src/core/clock.ts does)',
    'src/cache/ttl.ts must not use Date.now (only src/core/clock.ts does)',
  ]);
});
