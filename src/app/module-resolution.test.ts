import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { folderWith } from '../../test/support/modules/module-folder.ts';
import * as backend from '../backend/index.ts';
import { resolveModulesIn } from './module-resolution.ts';

const load = async (folder: string, file: string): Promise<Record<string, unknown>> =>
  import(pathToFileURL(join(folder, file)).href);

const resolveIn = (folder: string): void => {
  onTestFinished(resolveModulesIn(folder));
};

const IMPORTS = `
import { batch } from 'tributary/backend';
import { z } from 'zod';
import { own } from './own.ts';
export { batch, own, z };
`;

test('a module outside the repository can import this gateway’s API, the gateway’s dependencies, and its own files', async () => {
  const folder = folderWith({ 'a/index.ts': IMPORTS, 'a/own.ts': 'export const own: number = 1;' });
  resolveIn(folder);
  const { batch, z: zod, own } = await load(folder, 'a/index.ts');
  expect(batch).toBe(backend.batch);
  expect(zod).toBe(z);
  expect(own).toBe(1);
});

test('a module gets this gateway’s tributary and its own version of other packages', async () => {
  const packaged = (name: string, files: string) => ({
    [`node_modules/${name}/package.json`]: `{ "name": "${name}", "type": "module", "exports": { ".": "./i.js", "./backend": "./i.js" } }`,
    [`node_modules/${name}/i.js`]: files,
  });
  const folder = folderWith({
    'a/index.ts': IMPORTS,
    'a/own.ts': 'export const own = 1;',
    ...packaged('tributary', 'export const batch = "another";'),
    ...packaged('zod', 'export const z = "their own";'),
  });
  resolveIn(folder);
  expect(await load(folder, 'a/index.ts')).toMatchObject({ batch: backend.batch, z: 'their own' });
});

test('modules are resolved in a folder that is a link', async () => {
  const folder = folderWith({ 'real/a.ts': `export { batch } from 'tributary/backend';` });
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  resolveIn(join(folder, 'link'));
  expect((await load(folder, 'link/a.ts')).batch).toBe(backend.batch);
});

test('folders next to it are not affected, even with the same prefix', async () => {
  const folder = folderWith({
    'schema/a.ts': '',
    'schema-of-others/a.ts': `export { z } from 'zod';`,
    'b.ts': `export { batch } from 'tributary/backend';`,
  });
  resolveIn(join(folder, 'schema'));
  for (const file of ['schema-of-others/a.ts', 'b.ts'])
    await expect(load(folder, file)).rejects.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
});

test('an unknown package or file is reported by name', async () => {
  const folder = folderWith({ 'a.ts': `import 'a-package-that-nobody-has';`, 'b.ts': `import './nowhere.ts';` });
  resolveIn(folder);
  await expect(load(folder, 'a.ts')).rejects.toThrow('a-package-that-nobody-has');
  await expect(load(folder, 'b.ts')).rejects.toThrow('nowhere.ts');
});

test('a path that a package does not export is an error', async () => {
  const folder = folderWith({ 'a.ts': `import 'tributary/src/core/errors.ts';` });
  resolveIn(folder);
  await expect(load(folder, 'a.ts')).rejects.toMatchObject({ code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
});

test('deregistering restores the default resolution', async () => {
  const source = `export { batch } from 'tributary/backend';`;
  const folder = folderWith({ 'a.ts': source, 'b.ts': source });
  const takeBack = resolveModulesIn(folder);
  expect((await load(folder, 'a.ts')).batch).toBe(backend.batch);
  takeBack();
  await expect(load(folder, 'b.ts')).rejects.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
});
