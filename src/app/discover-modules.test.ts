import { mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, moduleSource } from '../../test/support/modules/module-folder.ts';
import { discoverModules } from './discover-modules.ts';

const namesIn = async (folder: string) => {
  const { modules, problems } = await discoverModules(folder);
  return { names: modules.map(({ name }) => name), problems };
};

test('every folder in SCHEMA_DIR is a module, sorted by name', async () => {
  const folder = folderWith({
    'b/index.ts': moduleSource('b'),
    'a/index.ts': moduleSource('a'),
    'c-d/index.ts': moduleSource('c-d').replace('c-d:', 'cd:'),
  });
  expect(await namesIn(folder)).toEqual({ names: ['a', 'b', 'c-d'], problems: [] });
});

test('files, hidden folders, drafts and node_modules are ignored', async () => {
  const broken = 'throw new Error("must not be loaded")';
  const folder = folderWith({
    'a/index.ts': moduleSource('a'),
    'example.graphql': '{ a }',
    '.git/index.ts': broken,
    '_draft/index.ts': broken,
    'node_modules/index.ts': broken,
  });
  expect(await namesIn(folder)).toEqual({ names: ['a'], problems: [] });
});

test('a module may be a link, and SCHEMA_DIR may be one', async () => {
  const real = folderWith({ 'schema/a/index.ts': moduleSource('a'), 'elsewhere/b/index.ts': moduleSource('b') });
  symlinkSync(join(real, 'elsewhere/b'), join(real, 'schema/b'));
  const links = folderWith({});
  symlinkSync(join(real, 'schema'), join(links, 'schema'));
  expect(await namesIn(join(links, 'schema'))).toEqual({ names: ['a', 'b'], problems: [] });
});

test('an invalid module is reported with its file and a fix, together with all others', async () => {
  const folder = folderWith({
    'empty/schema.graphql': 'type Query { a: Int }',
    'good/index.ts': moduleSource('good'),
    'nothing/index.ts': 'export const a = 1;',
    'other/index.ts': 'export default { name: "other" };',
    'renamed/index.ts': moduleSource('former'),
    'syntax/index.ts': 'export default {{',
    'throws/index.ts': '\n\nthrow new Error("no luck\\nat secret")',
    'typo/index.ts': 'import "./helper.ts"',
    'typo/helper.ts': '\nimport { battch } from "tributary/backend";\nexport const a = battch;',
    'unknown/index.ts': 'import "tributary/internals";',
    'wish/index.ts': 'import "a-package-that-nobody-has";',
  });
  const at = (path: string) => relative(process.cwd(), join(folder, path));
  const none = 'exports no schema module: use `export default defineBackend<Schema>()({ … })`';
  const { names, problems } = await namesIn(folder);
  // A module with a wrong name is returned, so that its other problems are reported at the same start.
  expect(names).toEqual(['good', 'renamed']);
  expect(problems).toEqual([
    `${at('empty/index.ts')}: does not exist: every folder in SCHEMA_DIR is a schema module; create the file or remove the folder`,
    `${at('nothing/index.ts')}: ${none}`,
    `${at('other/index.ts')}: ${none}`,
    `${at('renamed/index.ts')}: is named "former" in a folder named "renamed": give both the same name`,
    expect.stringMatching(/syntax.index\.ts:1: cannot be loaded: ./),
    `${at('throws/index.ts')}:3:7: cannot be loaded: no luck`,
    expect.stringMatching(/typo.helper\.ts:2: cannot be loaded: .*battch/),
    expect.stringMatching(/unknown.index\.ts: cannot be loaded: .*internals/),
    expect.stringMatching(/wish.index\.ts: cannot be loaded: .*a-package-that-nobody-has/),
  ]);
});

test('a SCHEMA_DIR that does not exist or is a file is reported as a problem', async () => {
  const folder = folderWith({ file: '' });
  for (const path of ['nowhere', 'file']) {
    const schemaDir = join(folder, path);
    expect(await discoverModules(schemaDir)).toEqual({
      modules: [],
      problems: [`SCHEMA_DIR: ${schemaDir} is not a readable folder`],
    });
  }
});

test('a folder without modules is a problem, not an empty graph', async () => {
  const folder = folderWith({ 'readme.md': '' });
  mkdirSync(join(folder, '.git'));
  expect(await namesIn(folder)).toEqual({
    names: [],
    problems: [`SCHEMA_DIR: ${folder} has no schema modules: each is a folder with an index.ts`],
  });
});
