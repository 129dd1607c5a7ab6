import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/processes/processes.ts';

const FOLDER = 'test/fixtures/misuse';
const PLANTED = 'test/fixtures/planted';

interface Refusal {
  /** `<file>:<line>`, relative to the folder of the misuses. */
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

/** Errors of the compiler in the fixtures. Continuation lines belong to the message. */
const refusals = (): Refusal[] => {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const { stdout } = spawnSync(tsc, ['--noEmit', '--pretty', 'false', '-p', FOLDER], { cwd: ROOT, encoding: 'utf8' });
  return stdout.split(/\n(?! )/).flatMap((entry) => {
    const [, file = '', line, code = '', message = ''] = /^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/s.exec(entry) ?? [];
    return file.startsWith(`${FOLDER}/`)
      ? [{ at: `${file.slice(FOLDER.length + 1)}:${line}`, code, message: message.replaceAll(/\s*\n\s*/g, ' ') }]
      : [];
  });
};

/** Expected errors: lines that end in `// <code>: <part of the message>`. */
const marked = (): Refusal[] =>
  readdirSync(join(ROOT, FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(join(ROOT, FOLDER, file), 'utf8')
        .split('\n')
        .flatMap((text, index) => {
          const [, code, message] = / \/\/ (TS\d+): (.+)$/.exec(text) ?? [];
          return code === undefined || message === undefined ? [] : [{ at: `${file}:${index + 1}`, code, message }];
        }),
    );

const inOrder = (list: readonly Refusal[]) =>
  list.toSorted((a, b) => a.at.localeCompare(b.at, 'en', { numeric: true }));

test('a misuse of the module API is a compile error with a helpful message on its line', () => {
  const expected = inOrder(marked());
  const found = inOrder(refusals());
  // Every marked line has its error, and no other line has one: the two correct modules have none.
  expect(found.map(({ at, code }) => `${at} ${code}`)).toEqual(expected.map(({ at, code }) => `${at} ${code}`));
  for (const [index, { message }] of expected.entries()) expect(found[index]?.message).toContain(message);
  expect(expected.length).toBeGreaterThan(70);
});

test('every definition in the misuse fixtures is marked with its error', () => {
  const unmarked = readdirSync(join(ROOT, FOLDER))
    .filter((file) => file.endsWith('.ts') && file !== 'base.ts')
    .flatMap((file) => readFileSync(join(ROOT, FOLDER, file), 'utf8').split('\n'))
    .filter((line) => /^\w+\(/.test(line) && !/ \/\/ TS\d+: /.test(line));
  expect(unmarked).toEqual([]);
});

test('the generated types of the misuse fixtures are up to date', () => {
  const modules = [`${FOLDER}/modules`, PLANTED].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${folder}/${name}`),
  );
  const codegen = ['src/cli/main.ts', 'codegen', '--check', ...modules];
  const { status, stderr } = spawnSync(process.execPath, codegen, { cwd: ROOT, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
