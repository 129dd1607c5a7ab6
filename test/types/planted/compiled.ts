import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFolder, writeIn } from '../../support/processes/checkout.ts';
import { ROOT } from '../../support/processes/processes.ts';

const STORE = join(ROOT, 'test/fixtures/planted/store');

/** An error of the compiler. Continuation lines belong to its message. */
export interface CompilerError {
  readonly line: number;
  readonly message: string;
}

/** Source of the correct module, in which tests plant mistakes. */
export const STORE_MODULE = readFileSync(join(STORE, 'index.ts'), 'utf8');

/** Replaces a text that must occur exactly once. */
export const planted = (text: string, from: string, to: string): string => {
  if (text.split(from).length !== 2) throw new Error(`The module does not have this text once: ${from}`);
  return text.replace(from, () => to);
};

const errorsOf = (output: string): (CompilerError & { readonly module: string })[] =>
  output.split(/\n(?! )/).flatMap((entry) => {
    if (entry === '') return [];
    const [, module, line, message] = /^schema\/([^/]+)\/.+?\((\d+),\d+\): error TS\d+: (.*)$/s.exec(entry) ?? [];
    if (module === undefined || message === undefined) throw new Error(`The compiler says: ${entry}`);
    return [{ module, line: Number(line), message }];
  });

/** Compiles variants of the module in a separate repository, set up as in docs/add-a-backend.md. */
export const compiled = (variants: readonly string[]): readonly (readonly CompilerError[])[] => {
  const folder = emptyFolder();
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/tributary'));
    for (const name of ['zod', '@types'])
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    writeIn(folder, 'package.json', '{ "type": "module" }');
    const compilerOptions = { skipLibCheck: true, noUnusedLocals: false, noUnusedParameters: false };
    const config = { extends: './node_modules/tributary/tsconfig.json', compilerOptions, include: ['schema'] };
    writeIn(folder, 'tsconfig.json', JSON.stringify(config));
    for (const [index, text] of variants.entries()) {
      writeIn(folder, `schema/${index}/index.ts`, text);
      cpSync(join(STORE, 'schema.generated.ts'), join(folder, `schema/${index}/schema.generated.ts`));
    }
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const { stdout } = spawnSync(tsc, ['--noEmit', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const errors = Map.groupBy(errorsOf(stdout), ({ module }) => module);
    return variants.map((_, index) => errors.get(String(index)) ?? []);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
