import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { folderWith } from '../../test/support/modules/module-folder.ts';
import { readConfig } from '../config/settings.ts';
import { VARIABLE_NAMES } from '../config/variables.ts';
import { ConfigurationError } from '../core/errors.ts';
import { listenFault } from '../http/listener/bind-port.ts';
import { discoverModules } from './discover-modules.ts';
import { prepare } from './prepare.ts';
import { requiredEndpoints } from './upstream-registry.ts';

const MODULE = `
import { defineBackend, grpc, rest } from 'tributary/backend';
const text: string = 'type Query { junk: Int }';
export default defineBackend()({
  name: 'junk',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { pages: rest(), stock: grpc({ proto: 'stock.proto', service: 'Stock' }) },
  resolvers: { Query: { junk: () => 1 } },
});
`;

const FREE = { PORT: '0', ADMIN_PORT: '0', HOST: '127.0.0.1' };

/** Values that are invalid for most variables, by kind. Some are valid as free text: see ACCEPTED. */
const JUNK = {
  blank: ' \t',
  word: 'nonsense',
  words: 'two words',
  negative: '-1',
  fraction: '1.5',
  exponent: '1e3',
  hexadecimal: '0x10',
  huge: '9'.repeat(40),
  unit: '10s',
  boolean: 'TRUE',
  'null as a word': 'null',
  undefined: 'undefined',
  'not a number': 'NaN',
  'service link': 'tcp://10.0.0.1:80',
  'URL with a password': 'ftp://user:pass-word-4711@host.invalid:99999/x;y=pass-word-4711,z',
  'unresolvable name': 'nope.invalid',
  JSON: '{"a":[1]}',
  quoted: '"4000"',
  placeholder: '$PORT',
  comment: '4000 # the port',
  separators: ',;,',
  'line end within': 'a\nb',
  'escape sequence': '\u001b[31mred',
  'byte that is not UTF-8': 'a\ufffdb',
  'zero-width space': '4000\u200b',
  long: 'x'.repeat(5_000),
  path: '../../etc/passwd',
  percent: '%zz',
} as const;

type Kind = keyof typeof JUNK;

const EVERY_PRINTABLE = Object.keys(JUNK).filter(
  (kind) => !['line end within', 'escape sequence', 'byte that is not UTF-8', 'zero-width space'].includes(kind),
);

/** Kinds of junk that are valid names of zones and regions. */
const NAMES = [
  'word',
  'negative',
  'fraction',
  'exponent',
  'hexadecimal',
  'huge',
  'unit',
  'boolean',
  'null as a word',
].concat(['undefined', 'not a number', 'unresolvable name']);
/** Kinds of junk that are names of hosts. */
const HOSTS: readonly string[] = [
  'word',
  'boolean',
  'null as a word',
  'undefined',
  'not a number',
  'unresolvable name',
];
/** Kinds of junk that are names of headers. */
const WORDS: readonly string[] = HOSTS.filter((kind) => kind !== 'unresolvable name');
/** Kinds of junk that are valid for a variable. Variables without an entry accept a blank only. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  ADMIN_TOKEN: ['path', 'huge', 'service link', 'URL with a password'],
  // Their files are read later.
  TLS_CLIENT_CA: EVERY_PRINTABLE,
  ADMIN_TLS_CLIENT_CA: EVERY_PRINTABLE,
  TLS_CLIENT_CRL: EVERY_PRINTABLE,
  ADMIN_TLS_CLIENT_CRL: EVERY_PRINTABLE,
  ACME_CHALLENGES: EVERY_PRINTABLE,
  TRUSTED_DOCUMENTS: EVERY_PRINTABLE.filter((kind) => !['URL with a password', 'separators'].includes(kind)),
  INTERNAL_TOKEN_KEYS: EVERY_PRINTABLE,
  LIMITS: EVERY_PRINTABLE,
  REQUEST_RULES: EVERY_PRINTABLE,
  OTEL_SERVICE_NAME: EVERY_PRINTABLE.filter((kind) => kind !== 'long'),
  EGRESS_ALLOW: [...HOSTS, 'exponent', 'unit'],
  COST_PER_CALL: ['fraction'],
  COST_PER_KIB: ['fraction'],
  NO_PROXY: [...HOSTS, 'exponent', 'unit', 'words', 'fraction', 'hexadecimal', 'huge'],
  PUBLIC_HOSTS: HOSTS,
  EXT_AUTHZ_HEADERS: WORDS,
  EXT_AUTHZ_ANSWER_HEADERS: WORDS,
  EXT_AUTHZ_DENIED_HEADERS: WORDS,
  ZONE: NAMES,
  REGION: NAMES,
};

/** Listens on real ports, but resolves no names: its duration would depend on the network. */
const offline: typeof listenFault = async (address) =>
  isIP(address.host) === 0 ? `${address.hostVariable}: cannot be resolved` : listenFault(address);

const problemsOf = async (start: () => unknown): Promise<readonly string[]> => {
  try {
    await start();
    return [];
  } catch (error) {
    // The process would print any other error with its stack.
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
};

const outcomeOf = (env: Readonly<Record<string, string>>) => problemsOf(() => prepare(env, { faultOf: offline }));

/** Variables that `prepare` uses by itself. All others are only read, by `readConfig`. */
const PREPARED: readonly string[] = ['EXT_AUTHZ', 'SCHEMA_DIR', 'HOST', 'PORT', 'ADMIN_HOST', 'ADMIN_PORT'];

test('at least twenty kinds of junk are refused in every variable, in one line with its name, without secrets', async () => {
  expect(Object.keys(JUNK).length).toBeGreaterThanOrEqual(20);
  const folder = folderWith({
    'junk/index.ts': MODULE,
    'junk/stock.proto': 'syntax = "proto3"; service Stock { rpc Get(A) returns (A); } message A { string a = 1; }',
  });
  const { modules } = await discoverModules(folder);
  const required = requiredEndpoints(modules);
  const endpoints = required.map(({ variable }) => variable);
  expect(endpoints).toEqual(['JUNK_PAGES_ENDPOINTS', 'JUNK_STOCK_ENDPOINTS']);
  const valid = {
    ...FREE,
    SCHEMA_DIR: folder,
    JUNK_PAGES_ENDPOINTS: 'http://127.0.0.1:1',
    JUNK_STOCK_ENDPOINTS: 'grpc://127.0.0.1:1',
  };
  expect(await outcomeOf(valid)).toEqual([]);

  const wrong: string[] = [];
  for (const variable of [...VARIABLE_NAMES, ...endpoints])
    for (const [kind, text] of Object.entries(JUNK)) {
      // A blank selects the default folder, with the shop's modules.
      if (kind === 'blank' && variable === 'SCHEMA_DIR') continue;
      const env = { ...valid, [variable]: text };
      const problems = PREPARED.includes(variable)
        ? await outcomeOf(env)
        : await problemsOf(() => readConfig(env, required));
      const isBlank = kind === 'blank' && !endpoints.includes(variable);
      const named = problems.filter((line) => new RegExp(`\\b${variable}\\b`).test(line));
      const isAccepted = isBlank || (ACCEPTED[variable] ?? []).includes(kind);
      if (isAccepted ? problems.length > 0 : named.length === 0) wrong.push(`${variable} ${kind}: ${problems.join()}`);
      if (['pass-word-4711', '\n', '\u001b'].some((text) => problems.join('').includes(text)))
        wrong.push(`${variable} ${kind} is repeated: ${problems}`);
    }
  expect(wrong).toEqual([]);
});

const kinds: readonly Kind[] = ['word', 'service link', 'URL with a password', 'line end within'];

test.each(kinds)('problems of all variables are reported together, for the junk "%s"', async (kind) => {
  const variables = VARIABLE_NAMES.filter((name) => !(ACCEPTED[name] ?? []).includes(kind));
  const problems = await outcomeOf(Object.fromEntries(variables.map((name) => [name, JUNK[kind]])));
  for (const variable of variables) expect(problems.join('\n')).toMatch(new RegExp(`^${variable}\\b`, 'm'));
});
