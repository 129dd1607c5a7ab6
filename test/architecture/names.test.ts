import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportsOf } from '../../scripts/names/exports.ts';
import { duplicateNames, readExports, unrelatedFiles } from '../../scripts/names/names.ts';

const exported = readExports(join(import.meta.dirname, '../..'));

test('exported names are unique', () => {
  expect(duplicateNames(exported)).toEqual([]);
});

test('files are named after their exports', () => {
  expect(unrelatedFiles(exported)).toEqual([]);
});

test('declarations are exports, each name once; re-exports and defaults are not', () => {
  const source = `
    export const one = 1, two = 2;
    export type Three = 3;
    export const Three = 3;
    export function four(): void {}
    export class Five {}
    export { six } from './six.ts';
    export default 7;`;
  expect(exportsOf('src/a.ts', source).map(({ name }) => name)).toEqual(['one', 'two', 'Three', 'four', 'Five']);
});

test('a name that two files export is reported with both files', () => {
  const tally = ['src/a/tally.ts', 'src/b/tally.ts'].map((path) => ({ name: 'Tally', path }));
  expect(duplicateNames(tally)).toEqual(['Tally is exported by src/a/tally.ts and src/b/tally.ts: rename all but one']);
});

test.each([
  ['src/a/retry-limits.ts', 'LIMIT'],
  ['src/a/forwarding.ts', 'forwardedHeaders'],
  ['src/a/policies.ts', 'policyOf'],
  ['src/circuit/layer.ts', 'circuitBreaker'],
])('%s may export %s', (path, name) => {
  expect(unrelatedFiles([{ name, path }], {})).toEqual([]);
});

test('a file without a word of its exports is reported, except those of the allow-list', () => {
  const path = 'src/wave/is-batch.ts';
  const exports = ['isWave', 'Wave'].map((name) => ({ name, path }));
  expect(unrelatedFiles(exports, {})).toEqual(['src/wave/is-batch.ts exports isWave, Wave: name one after the other']);
  expect(unrelatedFiles(exports, { [path]: 'reason' })).toEqual([]);
});

test('an exception that is not needed is reported', () => {
  expect(unrelatedFiles([], { 'src/a.ts': 'reason' })).toEqual([
    'src/a.ts needs no exception: remove it from scripts/names/names.ts',
  ]);
});
