import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../codegen/test-folder.ts';
import { importContract } from './import-contract.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FIXTURE = join(import.meta.dirname, 'fixture');

const VITEST = `import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { experimental: { viteModuleRunner: false }, testTimeout: 300_000 } });
`;

/** A repository of a backend team, with Tributary as a dependency. */
const repository = (): string => {
  const folder = testFolder({
    'package.json': '{ "type": "module" }',
    'vitest.config.ts': VITEST,
    'tsconfig.json': '{ "extends": "./node_modules/tributary/tsconfig.json", "include": ["schema"] }',
  });
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['zod', 'vitest', '@types/node'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(ROOT, join(folder, 'node_modules/tributary'));
  return folder;
};

const run = (cwd: string, ...args: readonly string[]): { readonly status: number | null; readonly text: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return { status, text: stdout + stderr };
};

test('imported modules compile under the strictest settings, and their tests pass', async () => {
  const folder = repository();
  for (const [file, reads] of [
    ['library.yaml', []],
    ['parcels.json', []],
    ['commands.yaml', ['searchItems']],
  ] as const)
    await importContract({
      source: join(FIXTURE, file),
      name: null,
      select: [],
      reads,
      all: false,
      list: false,
      dir: join(folder, 'schema'),
    });
  // Without Query of its own.
  await importContract({
    source: join(FIXTURE, 'commands.yaml'),
    name: 'orders',
    select: ['send'],
    reads: [],
    all: false,
    list: false,
    dir: join(folder, 'schema'),
  });
  expect(run(folder, join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', '.')).toEqual({
    status: 0,
    text: '',
  });
  const { status, text } = run(folder, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run');
  expect(text).toMatch(/Test Files +4 passed \(4\)/);
  expect(status).toBe(0);
});
