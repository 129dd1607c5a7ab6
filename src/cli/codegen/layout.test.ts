import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { alternatives, comment, interfaceOf, typeAlias } from './layout.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

test.each(['src/cli/codegen/fixture/shop', 'src/cli/codegen/fixture/warehouse', 'schema/inventory', 'schema/orders'])(
  '%s is laid out as the formatter would',
  (folder) => {
    const text = readFileSync(join(ROOT, folder, 'schema.generated.ts'), 'utf8');
    const path = join(ROOT, 'src/cli/codegen/formatted.ts');
    const biome = join(ROOT, 'node_modules/.bin/biome');
    const { stdout } = spawnSync(biome, ['format', `--stdin-file-path=${path}`], {
      cwd: ROOT,
      input: text,
      encoding: 'utf8',
    });
    expect(stdout).toBe(text);
  },
);

test('only the outermost union is split', () => {
  expect(alternatives("readonly ('a' | 'b')[] | Source<A | B, 'x|y'> | null")).toEqual([
    "readonly ('a' | 'b')[]",
    "Source<A | B, 'x|y'>",
    'null',
  ]);
});

test('a description cannot end its comment', () => {
  expect(comment('a */ b')).toEqual(['/** a *\\/ b */']);
  expect(comment('  ')).toEqual([]);
});

test('text longer than a line is broken', () => {
  const long = 'x'.repeat(60);
  expect(typeAlias('T', `'${long}' | '${long}'`)).toBe(`export type T =\n  | '${long}'\n  | '${long}';`);
  const type = {
    members: [
      { name: long, type: long },
      { name: 'a.b', optional: true, type: { members: [] } },
    ],
  };
  expect(interfaceOf('I', [{ name: 'one', type }])).toBe(
    `export interface I {\n  readonly one: {\n    readonly ${long}: ${long};\n    readonly 'a.b'?: {};\n  };\n}`,
  );
});
