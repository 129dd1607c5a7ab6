import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/processes.ts';

const FOLDER = 'test/fixtures/misuse';
const PLANTED = 'test/fixtures/planted';

interface Refusal {
  /** `<file>:<line>`, relative to the folder of the misuses. */
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

/** What the compiler says against the fixtures; the lines that explain an error belong to its message. */
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

/** Lines that end in `// <code>: <part of the message>`. */
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

test('a misuse of the module API does not compile, and the compiler says what is wrong where it is', () => {
  const expected = inOrder(marked());
  const found = inOrder(refusals());
  // Every marked line has its error, and there is no other: the two modules that are right have none.
  expect(found.map(({ at, code }) => `${at} ${code}`)).toEqual(expected.map(({ at, code }) => `${at} ${code}`));
  for (const [index, { message }] of expected.entries()) expect(found[index]?.message).toContain(message);
  expect(expected.length).toBeGreaterThan(70);
});

test('every definition in the files of misuses is marked as one', () => {
  const unmarked = readdirSync(join(ROOT, FOLDER))
    .filter((file) => file.endsWith('.ts') && file !== 'base.ts')
    .flatMap((file) => readFileSync(join(ROOT, FOLDER, file), 'utf8').split('\n'))
    .filter((line) => /^\w+\(/.test(line) && !/ \/\/ TS\d+: /.test(line));
  expect(unmarked).toEqual([]);
});

test('the types that the misuses are checked against are what codegen writes', () => {
  const modules = [`${FOLDER}/modules`, PLANTED].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${folder}/${name}`),
  );
  const codegen = ['scripts/codegen/main.ts', '--check', ...modules];
  const { status, stderr } = spawnSync(process.execPath, codegen, { cwd: ROOT, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
