import { expect, test } from 'vitest';
import { ConfigurationError } from '../../core/errors.ts';
import { COMMANDS } from '../commands.ts';
import { type Command, defineCommand } from './define-command.ts';
import { CommandFailure, EXIT_CODES } from './exit-code.ts';
import { runTributary } from './run-command.ts';

const greet = defineCommand({
  name: 'greet',
  summary: 'Prints a greeting.',
  arguments: '<name>',
  options: {
    word: { type: 'string', value: 'word', default: 'Hello', description: 'first word' },
    title: { type: 'string', value: 'title', multiple: true, description: 'a title' },
    strict: { type: 'boolean', default: false, description: 'fails without a title' },
  },
  run: async ({ values: { word, title = [], strict }, positionals }, { print }) => {
    print([word, ...title, ...positionals].join(' '));
    return strict && title.length === 0 ? EXIT_CODES.failure : EXIT_CODES.success;
  },
});

const failing = (name: string, error: Error): Command =>
  defineCommand({ name, summary: 'Fails.', options: {}, run: () => Promise.reject(error) });

const run = async (commands: readonly Command[], ...args: readonly string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const context = { env: {}, print: (text: string) => out.push(text), printError: (text: string) => err.push(text) };
  return { code: await runTributary(commands, args, context), out: out.join('\n'), err: err.join('\n') };
};

test('without arguments and with --help, every command is listed with its summary', async () => {
  const { code, out, err } = await run(COMMANDS);
  expect([code, err]).toEqual([0, '']);
  const rows = out.split('\n').map((line) => line.trim().split(/ {2,}/));
  for (const { name, summary } of COMMANDS) expect(rows).toContainEqual([name, summary]);
  expect(await run(COMMANDS, '--help')).toEqual({ code, out, err });
  expect(await run(COMMANDS, '-h')).toEqual({ code, out, err });
});

test('names of commands are unique, and every summary is one line', () => {
  expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
  for (const { summary } of COMMANDS) expect(summary).toMatch(/^[A-Z].{10,90}\.$/);
});

test('the help of a command has its arguments, and its options with their defaults', async () => {
  expect(await run([greet], 'greet', '--help')).toEqual({
    code: 0,
    err: '',
    out: `Usage: tributary greet <name> [options]

Prints a greeting.

Options:
  --word <word>    first word; default: Hello
  --title <title>  a title; may be repeated
  --strict         fails without a title
  -h, --help       prints this help`,
  });
});

test('--help after -- is an argument', async () => {
  expect(await run([greet], 'greet', '--', '--help')).toEqual({ code: 0, out: 'Hello --help', err: '' });
});

test('an unknown command is rejected with the nearest one and the list', async () => {
  const { code, out, err } = await run(COMMANDS, 'blast-raduis');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^Unknown command blast-raduis\. Did you mean blast-radius\?\n\nUsage: tributary <command>/);
  expect((await run([greet], 'transmogrify')).err).toMatch(/^Unknown command transmogrify\.\n/);
  expect((await run([greet], '--hepl')).err).toMatch(/^Unknown option --hepl\. Did you mean --help\?\n/);
});

test('an unknown option is rejected with the nearest one and the help of the command', async () => {
  const { code, out, err } = await run([greet], 'greet', 'Ada', '--wrod=Hi');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^Unknown option --wrod\. Did you mean --word\?\n\nUsage: tributary greet <name>/);
  expect((await run([greet], 'greet', '--hepl')).err).toMatch(/^Unknown option --hepl\. Did you mean --help\?\n/);
});

test.each([
  [['greet', '--word'], /^Option '--word <value>' argument missing\n\nUsage: tributary greet/],
  [['greet', '--strict=yes'], /^Option '--strict' does not take an argument\n\nUsage: tributary greet/],
  [['fail', 'now'], /^Unexpected argument now\.\n\nUsage: tributary fail \[options\]/],
])('%j is rejected with the reason and the help', async (args, message) => {
  const { code, out, err } = await run([greet, failing('fail', new Error())], ...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
});

test('the exit code is 1 for a failed check or command, and 2 for invalid input', async () => {
  expect(await run([greet], 'greet', 'Ada', '--strict')).toMatchObject({ code: 1, out: 'Hello Ada' });
  const failed = [failing('fail', new CommandFailure('No issuer answers.'))];
  expect(await run(failed, 'fail')).toEqual({ code: 1, out: '', err: 'No issuer answers.' });
  const invalid = [failing('fail', new ConfigurationError('Invalid documents:', ['a.graphql']))];
  expect(await run(invalid, 'fail')).toEqual({ code: 2, out: '', err: 'Invalid documents:\n  a.graphql' });
});

test('an unexpected failure is thrown with its stack', async () => {
  await expect(run([failing('fail', new TypeError('a bug'))], 'fail')).rejects.toThrow(TypeError);
});
