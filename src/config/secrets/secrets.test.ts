import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { type RequiredSecret, readSecrets } from './read-secrets.ts';
import { hasHiddenSecret, SecretText, secret } from './secret.ts';
import { type SecretEvent, secretStore } from './secret-store.ts';

const USE = 'auth.bearer of upstream "stripe" of payments';
const needs = (variable: string, faultOf: RequiredSecret['faultOf'] = () => null): RequiredSecret => ({
  variable,
  use: USE,
  faultOf,
});

test('no text, JSON or inspection of a secret has its value', () => {
  for (const hidden of [secret('KEY'), new SecretText('canary')]) {
    const shown = [
      `${hidden}`,
      JSON.stringify({ hidden }),
      inspect({ hidden }, { depth: 9, showHidden: true }),
      String(hidden),
    ];
    expect(shown).toEqual(['[secret]', '{"hidden":"[secret]"}', '{ hidden: [secret] }', '[secret]']);
    expect(Object.keys(hidden)).toEqual([]);
    expect(structuredClone(hidden)).toEqual({});
  }
  expect(hasHiddenSecret(`Bearer ${secret('KEY')}`)).toBe(true);
});

test('a value is that of the variable, or of its file, without surrounding white space', () => {
  const file = join(folderWith({ key: '\n from file\n' }), 'key');
  const { found, problems } = readSecrets({ A: ' from env\n', B_FILE: ` ${file}\n` }, [needs('A'), needs('B')]);
  expect(problems).toEqual([]);
  expect([...found].map(([name, { text, file }]) => [name, text.reveal(), file])).toEqual([
    ['A', 'from env', null],
    ['B', 'from file', file],
  ]);
});

test('every problem of a secret has its variable, its use and its fix, and no value', () => {
  const folder = folderWith({ empty: ' \n', long: 'x'.repeat(16_385), short: 'canary' });
  const env = {
    BOTH: 'canary',
    BOTH_FILE: join(folder, 'short'),
    NONE_FILE: join(folder, 'none'),
    EMPTY_FILE: join(folder, 'empty'),
    LONG_FILE: join(folder, 'long'),
    BAD: 'canary',
    PORT: '4000',
  };
  const names = ['MISSING', 'BOTH', 'NONE', 'EMPTY', 'LONG', 'PORT', 'SHOP_ENDPOINTS', 'KEY_FILE', 'not a name'];
  const { problems } = readSecrets(env, [
    ...names.map((name) => needs(name)),
    needs('BAD', () => 'is bad: use another'),
  ]);
  expect(problems.map((problem) => problem.replaceAll(folder, ''))).toEqual([
    `MISSING is not set: set it, or MISSING_FILE to the path of a file, for ${USE}`,
    'BOTH: BOTH_FILE is set, too: remove one of them',
    `NONE_FILE: /none cannot be read (ENOENT): set it to a file with the secret for ${USE}`,
    `EMPTY_FILE: /empty is empty: set it to a file with the secret for ${USE}`,
    `LONG_FILE: /long has more than 16384 bytes: set it to a file with the secret for ${USE}`,
    `secret "PORT" for ${USE} is a variable of the gateway: use another name`,
    `secret "SHOP_ENDPOINTS" for ${USE} is a variable of the gateway: use another name`,
    `secret "KEY_FILE" for ${USE} ends in _FILE: leave it out; it is added for the file of the value`,
    `secret "not a name" for ${USE} is no name of a variable: use capitals, digits and _, as in STRIPE_KEY`,
    `BAD: the secret for ${USE} is bad: use another`,
  ]);
});

test('a missing secret is a placeholder with a warning where that is allowed', () => {
  const { found, problems, warnings } = readSecrets({}, [needs('KEY')], { mayBeMissing: true });
  expect([found.get('KEY')?.text.reveal(), problems]).toEqual(['placeholder', []]);
  expect(warnings).toEqual([
    `KEY is not set: set it, or KEY_FILE to the path of a file, for ${USE}. A placeholder is sent.`,
  ]);
});

test('a changed file is used within ten seconds, and an unusable one keeps the last value', () => {
  const file = join(folderWith({ key: 'one' }), 'key');
  const clock = manualClock();
  const events: SecretEvent[] = [];
  const required = [needs('KEY', (text) => (text.includes(' ') ? 'has a space: remove it' : null)), needs('ENV')];
  const { found } = readSecrets({ KEY_FILE: file, ENV: 'fixed' }, required);
  const store = secretStore(found, clock, (event) => events.push(event));
  const key = store.text('KEY');
  const after = (text: string | null): string => {
    if (text === null) rmSync(file);
    else writeFileSync(file, text);
    clock.advance(10_000);
    return key.current();
  };
  expect([key.current(), after('two\n'), after('bad one'), after('bad one'), after(null), after('three')]).toEqual([
    'one',
    'two',
    'two',
    'two',
    'two',
    'three',
  ]);
  expect(events).toEqual([
    { is: 'reloaded', variable: 'KEY' },
    { is: 'invalid', variable: 'KEY', reason: 'has a space: remove it' },
    { is: 'reloaded', variable: 'KEY' },
  ]);
  expect([store.text('ENV').reload(), key.reload()]).toEqual([false, false]);
  writeFileSync(file, 'four');
  expect([key.reload(), key.current()]).toEqual([true, 'four']);
  store.close();
  expect(clock.pending).toBe(0);
  expect(() => store.text('OTHER')).toThrow('the secret OTHER was not read at the start');
});

test('without files nothing is polled', () => {
  const clock = manualClock();
  secretStore(readSecrets({ KEY: 'x' }, [needs('KEY')]).found, clock);
  expect(clock.pending).toBe(0);
});
