import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runTributary } from './command/run-command.ts';
import { COMMANDS } from './commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fileWith = (file: object): string => {
  const path = join(folder, 'limits.json');
  writeFileSync(path, JSON.stringify(file));
  return path;
};

const run = async (...args: readonly string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const context = { env: {}, print: (text: string) => out.push(text), printError: (text: string) => err.push(text) };
  return { code: await runTributary(COMMANDS, ['limits', ...args], context), out: out.join('\n'), err: err.join('\n') };
};

const FILE = {
  plan: { claim: 'plan', default: 'free' },
  rules: [
    { name: 'free', when: { plan: ['free'] }, rates: ['60/1m'] },
    { name: 'pro', when: { plan: ['pro'] }, rates: ['600/1m;burst=100'], concurrent: 20 },
    { name: 'lookup', when: { field: ['Query.order'] }, count: 'fields', rates: ['30/1m'], mode: 'measure' },
  ],
  priorities: [{ priority: 'critical', when: { plan: ['pro'] } }],
};
const TWICE = '{ a: order(id: "o1") { status } b: order(id: "o2") { status } }';

test('the rules of an operation are those of its caller, with what they count', async () => {
  const file = fileWith(FILE);
  const { code, out } = await run('explain', TWICE, '--file', file, '--caller', 'user', '--claim', 'plan=pro');
  expect(code).toBe(0);
  expect(out).toMatch(/^client +1 requests +6000 in 1m \(fixed window\) +caller +enforce +local$/m);
  expect(out).toMatch(/^pro +1 requests/m);
  expect(out).toMatch(/^lookup +2 fields +30 in 1m \(sliding window\) +caller +measure +local$/m);
  expect(out).toContain('Not applied: free\n\nPriority under load: critical');
  const anonymous = JSON.parse((await run('explain', TWICE, '--file', file, '--json')).out);
  expect(anonymous.applied.map(({ rule }: { rule: string }) => rule)).toEqual(['client', 'free', 'lookup']);
  expect(anonymous).toMatchObject({ others: ['pro'], priority: 'default' });
});

test.each([
  [['explain'], 'No query given.'],
  [['explian', '{ order }'], 'Did you mean explain?'],
  [['explain', TWICE, '--caller', 'root'], '--caller must be anonymous, user, api-key or certificate'],
  [['explain', TWICE, '--address', 'home'], '--address must be an IP address'],
  [['explain', TWICE, '--caller', 'user', '--claim', 'plan'], '--claim must be <name>=<value>'],
  [['explain', TWICE, '--claim', 'plan=pro'], '--claim needs --caller user'],
  [['explain', TWICE, '--caller', 'user', '--plan', 'pro'], '--plan needs --caller api-key'],
  [['explain', TWICE, '--file', '/nowhere/limits.json'], 'cannot be read (ENOENT)'],
  [['explain', '{ nothing }'], 'The gateway would reject this document:'],
])('limits %j is wrong usage, with the reason', async (args, message) => {
  const { code, err } = await run(...args);
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test('a rule about a field that the schema does not have is reported', async () => {
  const file = fileWith({ rules: [{ name: 'a', when: { field: ['Query.custmer'] }, rates: ['1/1m'] }] });
  expect((await run('explain', TWICE, '--file', file)).err).toContain(
    'rule a: the schema has no field Query.custmer (did you mean Query.customer?)',
  );
});
