import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config/settings.ts';
import { type Collector, startCollector } from '../support/backends/collector.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { blocksOf } from '../support/processes/doc-blocks.ts';
import { ROOT, type RunningProcess, startProcess } from '../support/processes/processes.ts';

const commandsOf = (document: string): readonly string[] =>
  blocksOf(document)
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text);

const AUTH = commandsOf('docs/auth.md');
const CACHING = commandsOf('docs/caching.md');
const TELEMETRY = commandsOf('docs/telemetry.md');
const EXECUTION = commandsOf('docs/execution.md');
const [SETUP = '', ...SECURITY] = commandsOf('docs/security.md');

let collector: Collector;
let demo: RunningProcess;
let here: (command: string) => string;

/** Output of a command, run in this repository against the one demo. */
const run = async (command: string): Promise<string> =>
  (await promisify(execFile)('sh', ['-c', here(command)], { cwd: ROOT, timeout: 90_000 })).stdout;

/** Replaces the document's addresses with those of this test's demo: the documented ports may be in use. */
const addressesFrom = (output: string) => {
  const at = (pattern: RegExp): string => pattern.exec(output)?.[1] ?? '';
  const graphql = at(/GraphQL +(\S+)\/graphql/);
  const admin = at(/Health +(\S+)\/health/);
  const issuer = at(/issuer +(\S+) +control/);
  return (command: string) =>
    command
      .replaceAll('http://localhost:4000', graphql)
      .replaceAll('http://127.0.0.1:4001', admin)
      .replaceAll('npm run -s token -- ', `npm run -s token -- --issuer ${issuer} `);
};

beforeAll(async () => {
  collector = await startCollector();
  // Started with the command of docs/telemetry.md.
  const start = (TELEMETRY[0] ?? '').replace('http://127.0.0.1:4318', collector.url);
  expect(start).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${collector.url} npm run demo`);
  demo = startProcess('sh', ['-c', start], {
    env: { PORT: '0', ADMIN_PORT: '0', DEMO_MOCK_PORT_BASE: '0' },
    ownGroup: true,
  });
  await demo.waitFor(/Ctrl-C/);
  here = addressesFrom(demo.output());
});

afterAll(async () => {
  // Signals the whole process group, as Ctrl-C does.
  process.kill(-demo.pid, 'SIGINT');
  await demo.ended;
  await collector[Symbol.asyncDispose]();
});

test('the pages have exactly the commands that this file tests', () => {
  expect([AUTH, CACHING, TELEMETRY, EXECUTION].map(({ length }) => length)).toEqual([2, 1, 2, 3]);
});

test("the README's first commands print the README's first answer", async () => {
  const [start = '', runQuery = ''] = commandsOf('README.md');
  // What this file has done.
  expect(start.trim()).toBe('npm ci && npm run demo');
  const [answer = ''] = blocksOf('README.md').flatMap(({ language, text }) => (language === 'json' ? text : []));
  expect(JSON.parse(await run(runQuery))).toEqual(JSON.parse(answer));
});

test('the command about tokens returns fields that need a signed-in user', async () => {
  const { data, errors } = JSON.parse(await run(AUTH[0] ?? ''));
  expect(errors).toBeUndefined();
  expect(data).toEqual({ me: { name: expect.any(String), phone: expect.stringMatching(/^\+/) } });
});

test('without the Authorization header the query returns null and UNAUTHENTICATED', async () => {
  const [, runQuery = ''] = /(curl[\s\S]*)/.exec(AUTH[0] ?? '') ?? [];
  const { data, errors } = JSON.parse(await run(runQuery.replace('-H "authorization: Bearer $TOKEN" ', '')));
  expect(data).toEqual({ me: null });
  expect(errors).toMatchObject([{ path: ['me'], extensions: { code: 'UNAUTHENTICATED' } }]);
});

// Its issuers do not exist, so it cannot be used for a start.
test('the example of JWT_ISSUERS is valid', async () => {
  const JWT_ISSUERS = await run(`${AUTH[1]}printf %s "$JWT_ISSUERS"`);
  expect(readConfig({ JWT_ISSUERS }, []).settings.JWT_ISSUERS).toMatchObject([
    { issuer: 'https://id.example', keys: { by: 'discovery' }, roles: 'roles' },
    { issuer: 'https://b.example', keys: { by: 'url' }, roles: 'realm_access.roles' },
  ]);
});

/** What each command of the checklist prints, in order. */
const CHECKLIST: readonly RegExp[] = [
  /^UNAUTHENTICATED$/,
  /^1\d$/,
  /^Customer\.\{phone, addresses\} +signed in/,
  /^Access is the same\.$/,
  /^401$/,
  /^401$/,
  /^0$/,
  /^415$/,
  /^DEPTH_LIMIT$/,
  /^not supported$/,
  /^ratelimit-policy: "client"$/i,
  /^404$/,
  /^403$/,
  /^\{"data":\{"__schema":\{"queryType":\{"name":"Query"\}\}\}\}$/,
];

test('each command of the checklist in docs/security.md shows what it describes', async () => {
  expect(SECURITY).toHaveLength(CHECKLIST.length);
  const folder = folderWith({});
  // Another run of this test on the machine writes the same file of the document.
  for (const [at, command] of SECURITY.entries())
    expect((await run(`${SETUP}${command.replaceAll('/tmp/', `${folder}/`)}`)).trim(), command).toMatch(
      CHECKLIST[at] ?? /never/,
    );
}, 120_000);

test('a cached answer has an Age header', async () => {
  const [runQuery = ''] = CACHING;
  expect(await run(runQuery)).toMatch(
    /^cache-control: max-age=30, public\r?\n(age: \d+\r?\n)?\{"data":\{"product":\{"name":/,
  );
  await expect.poll(() => run(runQuery), { interval: 300 }).toMatch(/^age: [1-9]\d*\r?$/m);
});

const OUTPUTS = blocksOf('docs/execution.md').filter(
  ({ language, text }) => language === 'text' && text.startsWith('query'),
);

test.each([
  ['a plan', 0],
  ['the plan in an answer', 1],
  ['a blast radius', 2],
])('docs/execution.md shows %s as printed', async (_what, at) => {
  // The command adds a line break to the answer.
  expect((await run(EXECUTION[at] ?? '')).trimEnd()).toBe(OUTPUTS[at]?.text.trimEnd());
});

test('the scrape has the documented metrics, and the demo’s traces reach the collector', async () => {
  const scraped = await run(TELEMETRY[1] ?? '');
  for (const name of [
    'http_server_request_duration',
    'tributary_operation_duration',
    'tributary_upstream_call_duration',
    'tributary_cache_verdicts_total',
    'tributary_store_up',
    'tributary_log_dropped_total',
  ])
    expect(scraped).toContain(`# TYPE ${name} `);
  await expect
    .poll(() => collector.spans.map(({ name }) => name))
    .toEqual(expect.arrayContaining(['POST /graphql', 'query', 'GET /customers']));
});
