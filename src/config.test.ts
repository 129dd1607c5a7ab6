import { expect, test } from 'vitest';
import { readConfig, schemaDir, type Wanted } from './config.ts';
import { MistakesError } from './errors.ts';

const wanted = (variable: string): Wanted<string> => ({
  variable,
  parse: (text) => {
    if (text.includes('bad')) throw new Error('is bad');
    return text.toUpperCase();
  },
  remedy: `say where it runs, as in ${variable}=x`,
});

const mistakesOf = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof MistakesError) return error.mistakes;
    throw error;
  }
  return [];
};

test('without any variable the gateway is closed: no explorer, no introspection, no origins, no proxies', () => {
  expect(readConfig({}, []).settings).toMatchObject({
    PORT: 4_000,
    HOST: '0.0.0.0',
    ADMIN_PORT: 4_001,
    ADMIN_HOST: '127.0.0.1',
    EXPLORER: 'off',
    INTROSPECTION: 'off',
    REQUEST_TIMEOUT_MS: 10_000,
    MAX_BODY_BYTES: 1_048_576,
    CORS_ORIGINS: [],
    TRUSTED_PROXIES: [],
    JWT_ISSUERS: [],
  });
});

test('what is set is read, lists without their blanks', () => {
  const { settings } = readConfig(
    {
      PORT: '0',
      HOST: '::1',
      ADMIN_PORT: '65535',
      EXPLORER: 'on',
      INTROSPECTION: 'on',
      REQUEST_TIMEOUT_MS: '1',
      MAX_BODY_BYTES: '2048',
      CORS_ORIGINS: ' https://shop.example , http://localhost:3000,',
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    },
    [],
  );
  expect(settings).toMatchObject({
    PORT: 0,
    HOST: '::1',
    ADMIN_PORT: 65_535,
    EXPLORER: 'on',
    INTROSPECTION: 'on',
    REQUEST_TIMEOUT_MS: 1,
    MAX_BODY_BYTES: 2_048,
    CORS_ORIGINS: ['https://shop.example', 'http://localhost:3000'],
    TRUSTED_PROXIES: ['10.0.0.0/8', '::1'],
  });
});

test('an empty variable is one that is not set', () => {
  expect(readConfig({ PORT: '', HOST: '', EXPLORER: '', CORS_ORIGINS: '' }, [])).toEqual(readConfig({}, []));
  expect(mistakesOf(() => readConfig({ A: '' }, [wanted('A')]))).toEqual([
    'A is not set: say where it runs, as in A=x',
  ]);
  expect(schemaDir({ SCHEMA_DIR: '' })).toBe('./schema');
});

test.each([
  [{ PORT: 'http' }, 'PORT: '],
  [{ PORT: '65536' }, 'PORT: '],
  [{ PORT: '-1' }, 'PORT: '],
  [{ PORT: '80.5' }, 'PORT: '],
  [{ ADMIN_PORT: 'NaN' }, 'ADMIN_PORT: '],
  [{ EXPLORER: 'true' }, 'EXPLORER: must be on or off'],
  [{ INTROSPECTION: 'ON' }, 'INTROSPECTION: must be on or off'],
  [{ REQUEST_TIMEOUT_MS: '0' }, 'REQUEST_TIMEOUT_MS: '],
  [{ REQUEST_TIMEOUT_MS: '1.5' }, 'REQUEST_TIMEOUT_MS: '],
  [{ MAX_BODY_BYTES: '1mb' }, 'MAX_BODY_BYTES: '],
  [{ CORS_ORIGINS: 'shop.example' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
  [{ CORS_ORIGINS: 'https://shop.example/' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
  [{ CORS_ORIGINS: 'https://*.example' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
  [{ PORT: ' ' }, 'PORT: must be a number'],
  [{ PORT: '80', ADMIN_PORT: '80' }, 'ADMIN_PORT: is the same as PORT'],
  [{ MAX_BODY_BYTES: '1e3' }, 'MAX_BODY_BYTES: must be a number'],
  [{ CORS_ORIGINS: 'null' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
])('%j is refused beside its variable', (env, words) => {
  const mistakes = mistakesOf(() => readConfig(env, []));
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain(words);
});

test('every origin may be allowed, by saying so', () => {
  expect(readConfig({ CORS_ORIGINS: '*' }, []).settings.CORS_ORIGINS).toEqual(['*']);
});

test('everything that is wrong is told at once, in settings and in what modules want', () => {
  const env = { PORT: 'x', EXPLORER: 'yes', B: 'bad', C: 'good' };
  expect(mistakesOf(() => readConfig(env, ['A', 'B', 'C'].map(wanted)))).toEqual([
    expect.stringContaining('PORT: must be a number'),
    'EXPLORER: must be on or off',
    'A is not set: say where it runs, as in A=x',
    'B: is bad',
  ]);
});

test('what modules want is there by variable, and read as they say', () => {
  const { wanted: found } = readConfig({ A: 'a', B: 'b', OTHER: 'c' }, ['A', 'B'].map(wanted));
  expect([...found]).toEqual([
    ['A', 'A'],
    ['B', 'B'],
  ]);
});

test('what was read cannot be changed', () => {
  expect(Object.isFrozen(readConfig({}, []).settings)).toBe(true);
});

test('modules are in ./schema, or where SCHEMA_DIR says', () => {
  expect([schemaDir({}), schemaDir({ SCHEMA_DIR: '/srv/schema' })]).toEqual(['./schema', '/srv/schema']);
});
