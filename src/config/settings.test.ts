import { expect, test } from 'vitest';
import { ConfigurationError } from '../core/errors.ts';
import { type RequiredVariable, readConfig, schemaDir } from './settings.ts';

const requiredText = (variable: string): RequiredVariable<string> => ({
  variable,
  parse: (text) => {
    if (text.includes('bad')) throw new Error('is bad');
    return text.toUpperCase();
  },
  fix: `set it to an address, such as ${variable}=x`,
});

const problemsOf = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

test('the default configuration is closed: no explorer, no introspection, no origins, no proxies', () => {
  expect(readConfig({}, []).settings).toMatchObject({
    PORT: 4_000,
    HOST: '0.0.0.0',
    ADMIN_PORT: 4_001,
    ADMIN_HOST: '127.0.0.1',
    EXPLORER: 'off',
    INTROSPECTION: 'off',
    REQUEST_TIMEOUT_MS: 10_000,
    MAX_BODY_BYTES: 1_048_576,
    MAX_BATCH_OPERATIONS: 0,
    CORS_ORIGINS: [],
    TRUSTED_PROXIES: [],
    JWT_ISSUERS: [],
    TOKEN_INTROSPECTION: null,
    PROTECTED_RESOURCE: null,
  });
});

test('variables are read, and lists are read without blanks', () => {
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

test('white space and line ends around a value are ignored', () => {
  const env = {
    ...{ PORT: '4100\n', HOST: ' 10.0.0.1\r\n', SCHEMA_DIR: './modules\n', ADMIN_TOKEN: '0123456789abcdef\n' },
    ...{ REDIS_URL: '\tredis://10.0.0.9:6379\n', OTEL_SERVICE_NAME: '\u00a0shop\ufeff', EXPLORER: 'on\n' },
    ...{ CORS_ORIGINS: 'https://a.example,\n  https://b.example\n', MAX_DEPTH: ' \n', A: 'x\n' },
  };
  const { settings, required: found } = readConfig(env, [requiredText('A')]);
  expect(settings).toMatchObject({
    ...{ PORT: 4_100, HOST: '10.0.0.1', SCHEMA_DIR: './modules', ADMIN_TOKEN: '0123456789abcdef' },
    ...{ REDIS_URL: 'redis://10.0.0.9:6379', OTEL_SERVICE_NAME: 'shop', EXPLORER: 'on', MAX_DEPTH: 12 },
    CORS_ORIGINS: ['https://a.example', 'https://b.example'],
  });
  expect(found.get('A')).toBe('X');
  expect(schemaDir(env)).toBe('./modules');
});

test('a missing required variable is a problem, or a warning with its fix if it may be missing', () => {
  const fix = 'set it to an address, such as A=x';
  const required = [requiredText('A'), requiredText('B')];
  expect(problemsOf(() => readConfig({ B: 'x' }, required))).toEqual([`A is not set: ${fix}`]);
  const { required: found, warnings } = readConfig({ B: 'x' }, required, { mayBeMissing: true });
  expect([...found]).toEqual([['B', 'X']]);
  expect(warnings).toEqual([`A is not set. Calls to this upstream fail: ${fix}`]);
  expect(problemsOf(() => readConfig({ B: 'bad' }, required, { mayBeMissing: true }))).toEqual(['B: is bad']);
});

test('a line end within a value is reported once in every kind of variable', () => {
  const env = { OTEL_SERVICE_NAME: 'shop\nname', PORT: '40\n00', CORS_ORIGINS: 'https://a.example\nhttps://b.example' };
  const fault = 'contains a line end or another invisible character: remove it';
  expect(problemsOf(() => readConfig({ ...env, A: 'a\u200bb' }, [requiredText('A')]))).toEqual(
    ['PORT', 'CORS_ORIGINS', 'OTEL_SERVICE_NAME', 'A'].map((variable) => `${variable}: ${fault}`),
  );
});

test('an address that Kubernetes sets for a service is reported with the name of the service', () => {
  const env = { PORT: 'tcp://10.0.0.1:80', ADMIN_PORT: 'tcp://10.0.0.2:80', MAX_DEPTH: 'udp://[fd00::1]:53' };
  const problems = problemsOf(() => readConfig(env, []));
  expect(problems).toHaveLength(3);
  for (const [at, [variable, service]] of [
    ['PORT', 'a service'],
    ['ADMIN_PORT', 'a service named "admin"'],
    ['MAX_DEPTH', 'a service named "max-depth"'],
  ].entries()) {
    expect(problems[at]).toContain(`${variable}: has the value `);
    expect(problems[at]).toContain(
      `Kubernetes sets for ${service} in the same namespace: set enableServiceLinks: false`,
    );
  }
});

test.each(['10.0.0.7', '10.0.0.0/8', '::1', 'fd00::/8', '::ffff:10.0.0.0/104', '0.0.0.0/1'])(
  'TRUSTED_PROXIES may be %s',
  (text) => {
    expect(readConfig({ TRUSTED_PROXIES: text }, []).settings.TRUSTED_PROXIES).toEqual([text]);
  },
);

test.each([
  ...['proxy.internal', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/x', '/8', '10.0.0'],
  ...['10.0.0.0/255.0.0.0', 'loopback', 'true', '1', 'fe80::1%eth0', '10.0.0.0/-1', '10.0.0.0/8 10.1.0.0/16'],
])('TRUSTED_PROXIES %s is refused', (text) => {
  expect(problemsOf(() => readConfig({ TRUSTED_PROXIES: `10.0.0.1,${text}` }, []))).toEqual([
    expect.stringContaining('TRUSTED_PROXIES: must be addresses or CIDRs such as'),
  ]);
});

test.each(['0.0.0.0/0', '::/0', '10.0.0.1/0'])('TRUSTED_PROXIES %s is refused: it trusts every address', (text) => {
  expect(problemsOf(() => readConfig({ TRUSTED_PROXIES: text }, []))).toEqual([
    expect.stringMatching(
      /^TRUSTED_PROXIES: must not be \S+, which lets every client choose .*: list the addresses of the/,
    ),
  ]);
});

test.each([
  ...[
    'redis://127.0.0.1',
    'redis://127.0.0.1:6379/0',
    'rediss://user:p%40ss@redis.internal:6380',
    'redis://:p@[::1]:1',
  ],
])('REDIS_URL may be %s', (text) => {
  expect(readConfig({ REDIS_URL: text }, []).settings.REDIS_URL).toBe(text);
});

test.each([
  ...['redis:secret', 'redis://', 'http://a', 'redis://u:secret@', 'redis://:secret%zz@a', 'redis://:se#cret@a:1'],
  ...['redis://a/secret', 'redis://a:99999', 'redis://a?password=secret', 'redis://a/0/1', 'secret@a:6379'],
])('REDIS_URL %s is refused with a message without any part of it', (text) => {
  const problems = problemsOf(() => readConfig({ REDIS_URL: text }, []));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^REDIS_URL: (must|has) /);
  expect(problems[0]).not.toContain('secret');
});

test('a duration above the maximum of timers is refused', () => {
  expect(readConfig({ REQUEST_TIMEOUT_MS: '2147483647' }, []).settings.REQUEST_TIMEOUT_MS).toBe(2_147_483_647);
  expect(problemsOf(() => readConfig({ REQUEST_TIMEOUT_MS: '2147483648' }, []))).toEqual([
    'REQUEST_TIMEOUT_MS: must be a whole number from 1 to 2147483647',
  ]);
});

test('equal ports of both listeners are reported together with other faults', () => {
  expect(problemsOf(() => readConfig({ PORT: '80', ADMIN_PORT: ' 080', EXPLORER: 'x' }, []))).toEqual([
    'EXPLORER: must be on or off',
    expect.stringContaining('ADMIN_PORT: must differ from PORT'),
  ]);
});

test('an empty variable counts as not set', () => {
  expect(readConfig({ PORT: '', HOST: '', EXPLORER: '', CORS_ORIGINS: '' }, [])).toEqual(readConfig({}, []));
  expect(problemsOf(() => readConfig({ A: '' }, [requiredText('A')]))).toEqual([
    'A is not set: set it to an address, such as A=x',
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
  [{ INTROSPECTION: 'ON' }, 'INTROSPECTION: must be one of off, on, caller'],
  [{ REQUEST_TIMEOUT_MS: '0' }, 'REQUEST_TIMEOUT_MS: '],
  [{ REQUEST_TIMEOUT_MS: '1.5' }, 'REQUEST_TIMEOUT_MS: '],
  [{ MAX_BODY_BYTES: '1mb' }, 'MAX_BODY_BYTES: '],
  [{ CORS_ORIGINS: 'shop.example' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
  [{ CORS_ORIGINS: 'https://shop.example/' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
  [{ CORS_ORIGINS: 'https://*.example' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
  [{ PORT: '80 80' }, 'PORT: must be a whole number from 0 to 65535'],
  [{ PORT: '80', ADMIN_PORT: '80' }, 'ADMIN_PORT: must differ from PORT'],
  [{ MAX_BATCH_OPERATIONS: '101' }, 'MAX_BATCH_OPERATIONS: must be a whole number from 0 to 100'],
  [{ MAX_BODY_BYTES: '1e3' }, 'MAX_BODY_BYTES: must be a whole number'],
  [
    { CORS_ORIGINS: '*', CORS_CREDENTIALS: 'on' },
    'CORS_CREDENTIALS: must be off with * in CORS_ORIGINS: list the origins of the pages',
  ],
  [{ CORS_MAX_AGE: '86401' }, 'CORS_MAX_AGE: must be a whole number from 0 to 86400'],
  [
    { RESPONSE_HEADERS: 'x-a: b' },
    'RESPONSE_HEADERS: must be a JSON object of headers such as {"permissions-policy": "camera=()", "referrer-policy": null}',
  ],
  [
    { RESPONSE_HEADERS: '{"Cache-Control":"no-store"}' },
    'RESPONSE_HEADERS: has cache-control, which the gateway sets itself: remove it',
  ],
  [
    { RESPONSE_HEADERS: '{"Access-Control-Allow-Origin":"*"}' },
    'RESPONSE_HEADERS: has access-control-allow-origin: set CORS_ORIGINS instead',
  ],
  [
    { RESPONSE_HEADERS: '{"strict-transport-security":null}' },
    'RESPONSE_HEADERS: has strict-transport-security: set HSTS instead',
  ],
  [
    { RESPONSE_HEADERS: '{"x-a":"b\\r\\nset-cookie: a=b"}' },
    'RESPONSE_HEADERS: has a value of x-a that cannot be sent: use 1 to 4,096 characters of visible ASCII',
  ],
  [
    { RESPONSE_HEADERS: '{"x-a":"b","X-A":"c"}' },
    'RESPONSE_HEADERS: has a header twice, in different case: remove one',
  ],
  [{ CORS_ORIGINS: 'null' }, 'CORS_ORIGINS: must be origins such as https://shop.example'],
])('the message for %j names the variable', (env, words) => {
  const problems = problemsOf(() => readConfig(env, []));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(words);
});

test('CORS_ORIGINS may be *', () => {
  expect(readConfig({ CORS_ORIGINS: '*' }, []).settings.CORS_ORIGINS).toEqual(['*']);
});

test('all faults are reported together, of settings and of variables that modules require', () => {
  const env = { PORT: 'x', EXPLORER: 'yes', B: 'bad', C: 'good' };
  expect(problemsOf(() => readConfig(env, ['A', 'B', 'C'].map(requiredText)))).toEqual([
    expect.stringContaining('PORT: must be a whole number from 0 to 65535'),
    'EXPLORER: must be on or off',
    'A is not set: set it to an address, such as A=x',
    'B: is bad',
  ]);
});

test('variables that modules require are returned by name, with their parsed values', () => {
  const { required: found } = readConfig({ A: 'a', B: 'b', OTHER: 'c' }, ['A', 'B'].map(requiredText));
  expect([...found]).toEqual([
    ['A', 'A'],
    ['B', 'B'],
  ]);
});

test('settings are frozen', () => {
  expect(Object.isFrozen(readConfig({}, []).settings)).toBe(true);
});

test('SCHEMA_DIR is ./schema by default', () => {
  expect([schemaDir({}), schemaDir({ SCHEMA_DIR: '/srv/schema' })]).toEqual(['./schema', '/srv/schema']);
});

test('lists of OpenTelemetry that its SDK reads are checked, and messages contain no values', () => {
  const OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Basic%20c2VjcmV0==, x-tenant = a';
  expect(readConfig({ OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES: 'a.b=c,d=' }, []).settings).toBeDefined();
  for (const text of ['secret', 'a=secret%zz', '=secret', 'a b=secret'])
    expect(problemsOf(() => readConfig({ OTEL_EXPORTER_OTLP_HEADERS: text }, []))).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS: must be name=value, separated by commas, with special characters as %XX',
    ]);
});
