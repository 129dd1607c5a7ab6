import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runTributary } from './command/run-command.ts';
import { COMMANDS } from './commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'auth-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = async (...args: readonly string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const context = { env: {}, print: (text: string) => out.push(text), printError: (text: string) => err.push(text) };
  return { code: await runTributary(COMMANDS, ['auth', ...args], context), out: out.join('\n'), err: err.join('\n') };
};

test('the report of the shop shows who reaches what', async () => {
  const { code, out } = await run('report');
  expect(code).toBe(0);
  expect(out).toMatch(/Customer\.\{phone, addresses\} +signed in +Query\.customer/);
  expect(out).toMatch(/Mutation\.reserveStock +scope stock:write/);
});

test('a report is the same as itself, as a file and as a folder', async () => {
  const file = join(folder, 'report.json');
  writeFileSync(file, (await run('report', '--json')).out);
  expect(await run('report', '--against', file)).toEqual({ code: 0, out: 'Access is the same.', err: '' });
  expect(await run('report', '--against', 'schema')).toEqual({ code: 0, out: 'Access is the same.', err: '' });
});

test('widened access is listed first, and the exit code is 1', async () => {
  const report = JSON.parse((await run('report', '--json')).out);
  const phone = report.access.find(({ at }: { at: string }) => at === 'Customer.email');
  phone.access = [['signed in']];
  report.access.pop();
  const file = join(folder, 'before.json');
  writeFileSync(file, JSON.stringify(report));
  const { code, out, err } = await run('report', '--against', file);
  expect(code).toBe(1);
  expect(out.split('\n')[1]).toMatch(/^widened +Customer\.email +signed in +everyone$/);
  expect(err).toBe('Access was widened to Customer.email.');
  expect(JSON.parse((await run('report', '--json', '--against', file)).out).changes).toHaveLength(2);
  expect(readFileSync(file, 'utf8')).toContain('signed in');
});

test('wrong arguments and files are rejected with exit code 2', async () => {
  expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('Name a report') });
  expect(await run('reprot')).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean report?') });
  expect(await run('report', '--against', join(folder, 'none'))).toMatchObject({ code: 2 });
  const file = join(folder, 'wrong.json');
  writeFileSync(file, '[]');
  expect(await run('report', '--against', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining('is no report of `tributary auth report --json`'),
  });
});
