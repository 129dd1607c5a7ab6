import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT, type RunningProcess, startProcess } from '../support/processes/processes.ts';

const PRETEND_OLD = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' });`;
const PROGRAM = `
  const word: string = process.argv.slice(2).join(' ');
  console.log('saw', word, process.argv[1] === import.meta.filename, process.versions.node);
  if (word === 'wait') setInterval(() => {}, 1_000);
  if (word === 'seven') process.exitCode = 7;
`;

/** A folder with the launcher, a program, and by default a Node in node_modules. */
const launchFolder = (carried = true): string => {
  const folder = mkdtempSync(join(tmpdir(), 'launch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  cpSync(join(ROOT, 'scripts/launch.js'), join(folder, 'scripts/launch.js'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'old.cjs'), PRETEND_OLD);
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  if (carried)
    writeFileSync(join(folder, 'node_modules/.bin/node'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, {
      mode: 0o755,
    });
  return folder;
};

/** Runs the program by a Node that reports version 18 by default. */
const launch = (args: readonly string[], { carried = true, old = true } = {}): RunningProcess => {
  const started = startProcess(
    process.execPath,
    [...(old ? ['--require', './old.cjs'] : []), 'scripts/launch.js', 'program.ts', ...args],
    { cwd: launchFolder(carried) },
  );
  onTestFinished(() => started.stop().then(() => {}));
  return started;
};

test('a Node that is new enough runs the file in the same process', async () => {
  const launched = launch(['a', '--flag'], { old: false, carried: false });
  expect(await launched.ended).toEqual({ code: 0, signal: null });
  expect(launched.output()).toBe(`saw a --flag true ${process.versions.node}\n`);
});

test('a Node that is too old starts the one in node_modules and returns its exit code', async () => {
  const launched = launch(['seven']);
  expect(await launched.ended).toEqual({ code: 7, signal: null });
  expect(launched.output()).toBe(`saw seven true ${process.versions.node}\n`);
});

test('the command of an installed package runs its entry on the Node in node_modules', async () => {
  const folder = launchFolder();
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'src/cli'), { recursive: true });
  writeFileSync(join(folder, 'src/cli/main.ts'), PROGRAM);
  symlinkSync('../../bin/tributary.js', join(folder, 'node_modules/.bin/tributary'));
  const started = startProcess(
    process.execPath,
    ['--require', join(folder, 'old.cjs'), join(folder, 'node_modules/.bin/tributary'), 'seven'],
    { cwd: tmpdir() },
  );
  onTestFinished(() => started.stop().then(() => {}));
  expect(await started.ended).toEqual({ code: 7, signal: null });
  expect(started.output()).toBe(`saw seven true ${process.versions.node}\n`);
});

test('a signal reaches the program, and the launcher ends with it', async () => {
  const launched = launch(['wait']);
  await launched.waitFor(/saw wait/);
  expect(await launched.stop()).toEqual({ code: null, signal: 'SIGTERM' });
});

test('without a newer Node the launcher reports the required version, its source and the version found', async () => {
  const launched = launch([], { carried: false });
  expect(await launched.ended).toEqual({ code: 1, signal: null });
  expect(launched.output()).toMatch(/needs Node 22\.19 or newer\. This is Node 18\.20\.0 \(.+\)/);
  expect(launched.output()).toContain('https://nodejs.org');
  expect(launched.output().trim().split('\n')).toHaveLength(2);
});
