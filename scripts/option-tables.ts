/**
 * `npm run docs`: writes the option tables of docs/traffic.md, docs/credentials.md, docs/routing.md, docs/tls.md and docs/egress.md from
 * the comments of the options. `--check` compares only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = [
  'src/upstream/options.ts',
  'src/upstream/load/load-options.ts',
  'src/upstream/routing/route-options.ts',
  'src/upstream/throttle/throttle-options.ts',
  'src/upstream/release/canary-options.ts',
  'src/upstream/release/shadow-options.ts',
  'src/upstream/rest/redirect-options.ts',
  'src/upstream/tls/tls-options.ts',
  'src/upstream/egress/egress-options.ts',
  'src/upstream/quota/quota-options.ts',
  'src/backend/define/upstream-options.ts',
  'src/backend/routes/route-options.ts',
  'src/backend/credentials/auth-options.ts',
];

type Tables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Headings of the tables of docs/traffic.md, each with the constants that declare its options, and the prefix of their names. */
const OF_TRAFFIC: Tables = {
  '## Options': {
    trafficOptions: '',
    REST_OPTIONS: '',
    REDIRECTS: 'redirects.',
    GRAPHQL_OPTIONS: '',
    GRPC_OPTIONS: '',
  },
  '### `balance`': { BALANCE: 'balance.' },
  '### `balance.probes`': { PROBES: 'balance.probes.' },
  '### `balance.reports`': { REPORTS: 'balance.reports.' },
  '### `circuit`': { CIRCUIT: 'circuit.' },
  '### `retry`': { retry: 'retry.' },
  '### `hedge`': { HEDGE: 'hedge.' },
  '### `throttle`': { THROTTLE: 'throttle.' },
  '### `limits`': { LIMITS: 'limits.', ADAPTIVE: 'limits.adaptive.' },
  '### `health`': { REST_HEALTH: 'health.', CHECKS: 'health.' },
};
const OF_CREDENTIALS: Tables = {
  '### `auth`': {
    BASIC: 'auth.basic.',
    AUTH: 'auth.',
    API_KEY: 'auth.apiKey.',
    CLIENT_CREDENTIALS: 'auth.clientCredentials.',
    TOKEN_EXCHANGE: 'auth.tokenExchange.',
    INTERNAL_TOKEN: 'auth.internalToken.',
  },
};
const OF_ROUTING: Tables = {
  '## Options': { ROUTING: 'routing.', ROUTE: 'routing.routes.', MODULE_ROUTE: 'routing.routes.' },
  '### `shadow`': { SHADOW: 'routing.shadow.' },
  '### `canary`': { CANARY: 'routing.routes.canary.' },
};
const OF_TLS: Tables = { '### `tls`': { TLS: 'tls.' } };
const OF_EGRESS: Tables = {
  '### `egress`': { EGRESS: 'egress.' },
  '### `quota`': { QUOTA: 'quota.' },
};
const OF_ROUTES: Tables = {
  '## Options': { COMMON_ROUTE: '', LIMIT: 'rateLimit.', WHEN_ROUTE: 'when.' },
  '### Further options of `pass()`': { PASS_OPTIONS: '', WHEN_BODY: 'when.', CACHE: 'cache.' },
  '### Further options of `websocket()`': { WEBSOCKET_OPTIONS: '' },
  '## Headers': { HEADER_RULES: 'requestHeaders.' },
};
const PAGES: Readonly<Record<string, Tables>> = {
  'docs/traffic.md': OF_TRAFFIC,
  'docs/credentials.md': OF_CREDENTIALS,
  'docs/routing.md': OF_ROUTING,
  'docs/routes.md': OF_ROUTES,
  'docs/tls.md': OF_TLS,
  'docs/egress.md': OF_EGRESS,
};

/** Parts of the sources, by the constant that each declares. */
const declarations: ReadonlyMap<string, string> = new Map(
  SOURCES.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').split(/^(?:export )?const /m)).map((part) => [
    /^\w*/.exec(part)?.[0] ?? '',
    part,
  ]),
);

const COMMENTED = /\/\*\*(?<comment>(?:(?!\*\/)[\s\S])*)\*\/\s*(?<name>\w+):/g;
/** `<meaning>. Default <default>: <reason for it>.`; a comment without a default has no row. */
const COMMENT = /^(?<meaning>.*?)\. (?:Default (?<fallback>.*?)(?:: (?<why>.*))?|Required)\.$/;

/** Rows by the path of their option. */
const rowsOf = (declared: string, path: string): readonly (readonly [option: string, row: string])[] =>
  [...(declarations.get(declared) ?? '').matchAll(COMMENTED)].flatMap(({ groups: option }) => {
    const read = COMMENT.exec(option?.comment?.replaceAll(/\s*\n\s*\* ?/g, ' ').trim() ?? '')?.groups;
    if (read === undefined) return [];
    const cells = [`\`${path}${option?.name}\``, read.fallback ?? 'required', read.meaning, read.why ?? ''];
    return [[path + option?.name, `| ${cells.join(' | ')} |`.replace('|  |', '| |')] as const];
  });

const tableOf = (declared: Tables[string]): string => {
  const rows = Object.entries(declared).flatMap(([constant, path]) => rowsOf(constant, path));
  // REST and gRPC share the row of an option that both declare: the first one.
  const byOption = new Map(rows.toReversed());
  const shown = rows.filter(([option, row]) => byOption.get(option) === row).map(([, row]) => row);
  return ['| option | default | meaning | why that default |', '|---|---|---|---|', ...shown, ''].join('\n');
};

for (const [file, tables] of Object.entries(PAGES)) {
  const page = readFileSync(join(ROOT, file), 'utf8');
  const written = Object.entries(tables).reduce((text, [heading, declared]) => {
    const start = text.indexOf('\n| option |', text.indexOf(`\n${heading}\n`)) + 1;
    return text.slice(0, start) + tableOf(declared) + text.slice(text.indexOf('\n\n', start) + 1);
  }, page);
  if (!process.argv.includes('--check')) writeFileSync(join(ROOT, file), written);
  else if (written !== page) {
    console.error(`${file}: the tables differ from the comments of the options: run npm run docs`);
    process.exitCode = 1;
  }
}
