import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateAll, generateModule, writeAll } from './generate.ts';
import { testFolder } from './test-folder.ts';

const FIXTURE = join(import.meta.dirname, 'fixture');

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

const MODULE = 'export default {};';

test.each(['shop', 'warehouse'])('the generated file of %s equals the committed one', async (name) => {
  expect(await generateModule(join(FIXTURE, name))).toBe(read(FIXTURE, name, 'schema.generated.ts'));
});

test('a needed field that no module provides is unknown and reported', async () => {
  const { warnings } = await generateAll(FIXTURE);
  expect(warnings).toEqual([expect.stringContaining('no other module provides Product.colour, which shop needs.')]);
});

test('the declaring module defines the type of a scalar, also if the scalar is built-in for others', async () => {
  const folder = testFolder({
    'a/schema.graphql': 'scalar DateTime type Query { now: DateTime }',
    'b/schema.graphql': 'type Query { now: DateTime }',
  });
  expect(await generateModule(join(folder, 'a'))).toContain('result: unknown }');
  expect(await generateModule(join(folder, 'b'))).toContain('result: Date | string | null }');
});

test('only changed files are written', async () => {
  const folder = testFolder({
    'a/schema.graphql': 'type Query { a: Int }',
    'a/index.ts': MODULE,
    'b/schema.graphql': 'type Query { b: Int }',
    'b/index.ts': MODULE,
    'no-module/readme.txt': '',
  });
  const [a, b] = [join(folder, 'a/schema.generated.ts'), join(folder, 'b/schema.generated.ts')];
  expect(await writeAll(folder)).toEqual({ written: [a, b], unchanged: [], problems: [], warnings: [] });

  const before = statSync(a).mtimeMs;
  writeFileSync(join(folder, 'b/schema.graphql'), 'type Query { b: String }');
  expect(await writeAll(folder)).toEqual({ written: [b], unchanged: [a], problems: [], warnings: [] });
  expect(statSync(a).mtimeMs).toBe(before);
  expect(read(b)).toContain('readonly b: { readonly args: {}; readonly result: string | null };');
});

test('a module with problems keeps its file, and other modules are written', async () => {
  const folder = testFolder({
    'a/schema.graphql': 'type Query { a: Gone }',
    'a/index.ts': MODULE,
    'a/schema.generated.ts': '// as it was',
    'b/schema.graphql': 'type Query { b: Int }',
    'b/index.ts': MODULE,
  });
  const { written, problems } = await writeAll(folder);
  expect(written).toEqual([join(folder, 'b/schema.generated.ts')]);
  expect(problems).toHaveLength(1);
  expect(read(folder, 'a/schema.generated.ts')).toBe('// as it was');
});

test('needs are read again on each run, from files that import others', async () => {
  const needing = (field: string) => `export const merge = { Product: { key: 'id', needs: { label: ['${field}'] } } };`;
  const folder = testFolder({
    'a/schema.graphql': 'type Query { a: Int } type Product { id: ID! label: String }',
    'a/merge.ts': needing('name'),
    'a/index.ts': "import { merge } from './merge.ts'; export default { merge };",
    'b/schema.graphql': 'type Query { b: Int } type Product { id: ID! name: String! weight: Int }',
    'b/index.ts': MODULE,
  });
  expect(await generateModule(join(folder, 'a'))).toContain('readonly label: { readonly name: string };');
  writeFileSync(join(folder, 'a/merge.ts'), needing('weight'));
  expect(await generateModule(join(folder, 'a'))).toContain('readonly label: { readonly weight: number | null };');
});

test('a needed object has the selected fields, under their aliases', async () => {
  const folder = testFolder({
    'a/schema.graphql': 'type Query { a: Int } type Product { id: ID! label: String }',
    'a/index.ts':
      "export default { merge: { Product: { key: 'id', needs: { label: ['five: rating(scale: 5)', 'parts { n: name of { kind } }', 'part {'] } } } };",
    'b/schema.graphql': `type Query { b: Int } type Product { id: ID! rating(scale: Int): Float parts: [Part!] }
      type Part { name: String! of: Part kind: Kind! } enum Kind { X Y }`,
    'b/index.ts': MODULE,
  });
  const { files, warnings } = await generateAll(folder);
  expect(files[0]?.text).toContain('readonly five: number | null;');
  expect(files[0]?.text).toContain(
    "readonly parts: readonly { readonly n: string; readonly of: { readonly kind: 'X' | 'Y' } | null }[] | null;",
  );
  expect(warnings).toEqual([
    expect.stringContaining('a needs "part {", which is not a field: Syntax Error: Expected Name, found "}".'),
  ]);
});

test('a module that cannot be imported is generated without needs, with a warning', async () => {
  const sdl = 'type Query { a: Int }';
  const folder = testFolder({
    'a/schema.graphql': sdl,
    'b/schema.graphql': sdl,
    'b/index.ts': "throw new Error('not yet');",
    'c/schema.graphql': sdl,
    'c/index.ts': "export default { merge: { Product: { needs: 'weight' } } };",
    'd/schema.graphql': sdl,
    'd/index.ts': 'await new Promise(() => {});',
    'e/schema.graphql': sdl,
    'e/index.ts': MODULE,
  });
  const { files, warnings } = await generateAll(folder);
  expect(files).toHaveLength(5);
  expect(warnings).toEqual([
    expect.stringContaining('a/index.ts cannot be imported (it does not exist)'),
    expect.stringContaining('b/index.ts cannot be imported (not yet)'),
    expect.stringContaining('c/index.ts cannot be imported (its default export is not a module'),
    expect.stringContaining('d/index.ts cannot be imported (its import did not finish)'),
    expect.stringContaining('e/index.ts cannot be imported (d is imported before it, and its import did not finish)'),
  ]);
});

test('timers that a module starts during import do not delay codegen', async () => {
  const folder = testFolder({
    'a/schema.graphql': 'type Query { a: Int }',
    'a/index.ts': 'setInterval(() => {}, 1_000); export default {};',
  });
  expect((await generateAll(folder)).warnings).toEqual([]);
});
