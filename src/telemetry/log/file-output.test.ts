import { mkdirSync, readFileSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { fileOutput } from './file-output.ts';

const LONG_MS = 30_000;

const rig = () => {
  const path = join(folderWith({}), 'audit.log');
  const clock = manualClock();
  return { path, clock, writer: fileOutput(path, clock) };
};

test('lines are appended to a file that only its owner may read', async () => {
  const { path, clock, writer } = rig();
  writer.write('a\n');
  await writer.flush(LONG_MS);
  const second = fileOutput(path, clock);
  second.write('b\n');
  await second.flush(LONG_MS);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['a\nb\n', 0o600]);
});

test('a renamed file is created again after a second, and no line is lost', async () => {
  const { path, clock, writer } = rig();
  writer.write('a\n');
  await writer.flush(LONG_MS);
  renameSync(path, `${path}.1`);
  writer.write('b\n');
  await writer.flush(LONG_MS);
  clock.advance(1_000);
  writer.write('c\n');
  await writer.flush(LONG_MS);
  expect([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['a\nb\n', 'c\n']);
});

test('a path that cannot be opened again delays lines, and drops none', async () => {
  const { path, clock, writer } = rig();
  renameSync(path, `${path}.1`);
  mkdirSync(path);
  clock.advance(1_000);
  writer.write('a\n');
  await Promise.resolve();
  rmdirSync(path);
  clock.advance(1_000);
  await writer.flush(LONG_MS);
  expect([readFileSync(path, 'utf8'), writer.dropped]).toEqual(['a\n', 0]);
});

test('a file in a missing folder is an error', () => {
  expect(() => fileOutput(join(folderWith({}), 'none', 'audit.log'), manualClock())).toThrow('ENOENT');
});
