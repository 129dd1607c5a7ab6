import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { readConfig, schemaDir } from '../../src/config/settings.ts';
import { ROOT } from '../support/processes/processes.ts';

const example = parseEnv(readFileSync(join(ROOT, '.env.example'), 'utf8'));
const defaults = readConfig({}, []).settings;

test('.env.example has every setting with its default', () => {
  expect(Object.keys(example)).toEqual(expect.arrayContaining(Object.keys(defaults)));
  expect(readConfig(example, []).settings).toEqual(defaults);
  expect(schemaDir(example)).toBe(schemaDir({}));
});

test('.env.example has nothing that is not a setting', () => {
  const settings = Object.keys(example).filter((name) => !name.endsWith('_ENDPOINTS'));
  expect(settings.sort()).toEqual(Object.keys(defaults).sort());
});
