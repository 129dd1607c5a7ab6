import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from './codegen/test-folder.ts';

const codegen = (folder: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), 'codegen', ...args],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, SCHEMA_DIR: 'modules' },
    },
  );
  return { status, stdout, stderr };
};

const files = {
  'modules/a/schema.graphql': 'type Query { a: Int }',
  'modules/a/index.ts': 'export default {};',
  'modules/b/schema.graphql': 'type Query { b: Int }',
  'modules/b/index.ts': 'export default {};',
};

test('--check writes nothing, names each stale file and the command, and fails', () => {
  const folder = testFolder(files);
  const stale = (name: string) =>
    `modules/${name}/schema.generated.ts is outdated. Run \`npm run codegen\` and commit it.\n`;
  expect(codegen(folder, '--check')).toEqual({ status: 1, stdout: '', stderr: stale('a') + stale('b') });
  expect(existsSync(join(folder, 'modules/a/schema.generated.ts'))).toBe(false);

  const wrote = 'wrote modules/a/schema.generated.ts\nwrote modules/b/schema.generated.ts\n';
  expect(codegen(folder)).toEqual({ status: 0, stdout: wrote, stderr: '' });
  expect(codegen(folder, '--check')).toEqual({ status: 0, stdout: '', stderr: '' });

  writeFileSync(join(folder, 'modules/b/schema.graphql'), 'type Query { b: Int! }');
  expect(codegen(folder, '--check')).toEqual({ status: 1, stdout: '', stderr: stale('b') });
});

test('only the folders on the command line are generated, and they must be modules', () => {
  const folder = testFolder(files);
  expect(codegen(folder, 'modules/b')).toEqual({
    status: 0,
    stdout: 'wrote modules/b/schema.generated.ts\n',
    stderr: '',
  });
  expect(codegen(folder, 'modules/c')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('modules/c has no schema.graphql.'),
  });
});

test('a problem fails the command, and other modules are written', () => {
  const folder = testFolder({ ...files, 'modules/a/schema.graphql': 'type Query { a: Gone }' });
  expect(codegen(folder)).toMatchObject({
    status: 1,
    stdout: 'wrote modules/b/schema.generated.ts\n',
    stderr: expect.stringContaining('modules/a/schema.graphql:1:17: Unknown type "Gone".'),
  });
});

test('a missing SCHEMA_DIR is reported by one clear message', () => {
  expect(codegen(testFolder({}))).toEqual({
    status: 1,
    stdout: '',
    stderr: 'modules is not a readable folder. Create it, or set SCHEMA_DIR to the folder of the modules.\n',
  });
});
