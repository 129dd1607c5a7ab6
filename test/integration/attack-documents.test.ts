import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import type { Asked, ServedGateway } from '../support/served-gateway.ts';
import { deep, doubling, flatDoubling, serveShop as serve, times } from '../support/shop.ts';

interface Attack extends Asked {
  readonly row: number;
  readonly input: string;
  readonly query: string;
  readonly code: ErrorCode;
}

const attack = (row: number, input: string, query: string, code: ErrorCode, more: Asked = {}): Attack => ({
  row,
  input,
  query,
  code,
  ...more,
});
const invalid = 'GRAPHQL_VALIDATION_FAILED';

const attacks: readonly Attack[] = [
  attack(27, '4,001 tokens', `{ node { ${'name '.repeat(3_996)}} }`, 'GRAPHQL_PARSE_FAILED'),
  attack(28, 'fields nested 3,000 deep', deep(3_000), 'GRAPHQL_PARSE_FAILED'),
  attack(28, 'fields nested 1,300 deep', deep(1_300), 'DEPTH_LIMIT'),
  attack(29, 'a list nested 20,000 deep', `{ product(id: ${'['.repeat(20_000)}) { id } }`, 'GRAPHQL_PARSE_FAILED'),
  attack(
    29,
    'a list nested 1,900 deep',
    `{ product(id: ${'['.repeat(1_900)}${']'.repeat(1_900)}) { id } }`,
    'GRAPHQL_PARSE_FAILED',
  ),
  attack(
    29,
    'an object nested 900 deep',
    `{ products(filter: ${'{text:'.repeat(900)}1${'}'.repeat(900)}) { id } }`,
    invalid,
  ),
  attack(30, 'fields nested 13 deep', deep(13), 'DEPTH_LIMIT'),
  attack(
    30,
    'a depth of 13 through a fragment',
    `{ node { ...Deep } } fragment Deep on Node { self ${'{ self '.repeat(10)}{ name }${' }'.repeat(10)} }`,
    'DEPTH_LIMIT',
  ),
  attack(
    30,
    'a depth of 13 through inline fragments',
    `{ node { ... on Node { self { ... { ${'self { '.repeat(10)}name${' }'.repeat(10)} } } } } }`,
    'DEPTH_LIMIT',
  ),
  attack(
    30,
    'a depth of 13 in an operation that is not asked for',
    `query A { node { name } } query B ${deep(13)}`,
    'DEPTH_LIMIT',
  ),
  attack(31, '101 aliases of one field', `{ node { ${times(101, (n) => `a${n}: name`)} } }`, 'ALIAS_LIMIT'),
  attack(
    31,
    '102 aliases through a fragment of 51',
    `{ node { ...A self { ...A } } } fragment A on Node { ${times(51, (n) => `a${n}: name`)} }`,
    'ALIAS_LIMIT',
  ),
  attack(32, '102 times the same field', `{ node { ${'name '.repeat(102)}} }`, 'ALIAS_LIMIT'),
  attack(
    32,
    '300 times the same field with a selection',
    `{ node { ${'pair(x: 1, y: 2) { name } '.repeat(300)}} }`,
    'ALIAS_LIMIT',
  ),
  attack(32, '330 times the same root field', `{ ${'product(id: 1) { id } '.repeat(330)}}`, 'ROOT_FIELD_LIMIT'),
  attack(34, '100 times @skip', `{ node { name ${'@skip(if: false) '.repeat(100)}} }`, 'DIRECTIVE_LIMIT'),
  attack(34, '51 unknown directives', `{ node { name ${'@nope '.repeat(51)}} }`, 'DIRECTIVE_LIMIT'),
  attack(
    34,
    '51 directives all over a document',
    `query A($x: Int ${'@a '.repeat(11)}) ${'@b '.repeat(10)} { node { ...F ${'@c '.repeat(10)} ... ${'@d '.repeat(10)} { name } } } fragment F on Node ${'@e '.repeat(10)} { name }`,
    'DIRECTIVE_LIMIT',
  ),
  attack(35, 'a fragment in itself', '{ node { ...A } } fragment A on Node { self { ...A } }', invalid),
  attack(
    35,
    'two fragments in each other',
    '{ node { ...A } } fragment A on Node { self { ...B } } fragment B on Node { self { ...A } }',
    invalid,
  ),
  attack(35, 'a fragment that is not there', '{ node { ...Nowhere } }', invalid),
  attack(36, '2^30 fields through fragments', doubling(30), 'DEPTH_LIMIT'),
  attack(36, '2^9 aliases through fragments', doubling(9), 'ALIAS_LIMIT'),
  attack(36, '2^30 selections in one place', flatDoubling(30), 'COST_LIMIT'),
  attack(39, '21 root fields', `{ ${times(21, (n) => `p${n}: product(id: ${n}) { id }`)} }`, 'ROOT_FIELD_LIMIT'),
  attack(
    39,
    '21 root fields of a mutation',
    `mutation { ${times(21, (n) => `c${n}: count(by: 1)`)} }`,
    'ROOT_FIELD_LIMIT',
  ),
  attack(
    39,
    '22 root fields through a fragment',
    `{ ...R ... on Query { ...R } } fragment R on Query { ${times(11, (n) => `p${n}: product(id: ${n}) { id }`)} }`,
    'ROOT_FIELD_LIMIT',
  ),
  attack(40, 'introspection', '{ __schema { types { name } } }', invalid),
  attack(40, '__type', '{ __type(name: "Product") { name } }', invalid),
  attack(40, '__type in a fragment', '{ ...T } fragment T on Query { __type(name: "Product") { name } }', invalid),
  attack(40, 'the SDL of a federated service', '{ _service { sdl } }', invalid),
  attack(40, 'entities of a federated service', '{ _entities(representations: []) { __typename } }', invalid),
  attack(40, "the gateway's own entry point", '{ _shop_Product(keys: []) { id } }', invalid),
  attack(40, "the gateway's own copy of a key", '{ product(id: 1) { _key_id } }', invalid),
  attack(41, 'a misspelt field', '{ produkt(id: 1) { id } }', invalid),
  attack(41, 'a misspelt argument', '{ product(idd: 1, id: 1) { id } }', invalid),
  attack(41, 'a misspelt enum value', '{ products(status: ACTIV) { id } }', invalid),
  attack(41, 'a misspelt type', '{ product(id: 1) { ... on Produkt { id } } }', invalid),
  attack(41, 'a misspelt type of a variable', 'query ($s: Statuss) { products(status: $s) { id } }', invalid),
  attack(41, 'a misspelt input field', '{ products(filter: { texd: "" }) { id } }', invalid),
  attack(41, 'a misspelt directive', '{ node @skp(if: true) { name } }', invalid),
  attack(41, 'a misspelt fragment', '{ node { ...Nod } } fragment Node on Node { name }', invalid),
  attack(
    41,
    'a misspelt enum value in a variable',
    'query ($s: Status) { products(status: $s) { id } }',
    'BAD_USER_INPUT',
    { variables: { s: 'ACTIV' } },
  ),
  attack(
    41,
    'a misspelt input field in a variable',
    'query ($f: Filter) { products(filter: $f) { id } }',
    'BAD_USER_INPUT',
    { variables: { f: { texd: '' } } },
  ),
  attack(42, '150 unknown fields', `{ node { ${times(150, (n) => `nope${n}`)} } }`, invalid),
  ...['__proto__', 'constructor', 'prototype', '__x', '_key_id'].flatMap((name) => [
    attack(43, `the alias ${name} at the root`, `{ ${name}: product(id: 1) { id } }`, invalid),
    attack(43, `the alias ${name} on a merged type`, `{ product(id: 1) { ${name}: place { shelf } } }`, invalid),
  ]),
  attack(44, 'an input field called __proto__', '{ products(filter: { __proto__: { text: "" } }) { id } }', invalid),
  attack(45, 'an Int of 2^31', 'mutation { count(by: 2147483648) }', invalid),
  attack(45, 'a Float for an Int', 'mutation { count(by: 1.5) }', invalid),
  attack(45, 'null for what may not be null', 'mutation { count(by: null) }', invalid),
  attack(45, 'text for an Int in a variable', 'mutation ($n: Int!) { count(by: $n) }', 'BAD_USER_INPUT', {
    variables: { n: 'a' },
  }),
  attack(
    46,
    '10,000 wrong items in one variable',
    'query ($f: Filter) { products(filter: $f) { id } }',
    'BAD_USER_INPUT',
    { variables: { f: { ids: Array.from({ length: 10_000 }, () => ({})) } } },
  ),
  attack(47, 'a subscription', 'subscription { product(id: 1) { id } }', 'BAD_REQUEST'),
  attack(48, '@defer', '{ product(id: 1) { ... @defer { id } } }', invalid),
  attack(48, '@stream', '{ products @stream { id } }', invalid),
  attack(48, "a directive of the modules' SDL", '{ node { name @rateLimit(limit: 1, duration: 1) } }', invalid),
  attack(48, 'a definition of a type', 'type Query { a: Int } { node { name } }', invalid),
];

const askIn = async ({ ask }: ServedGateway, { query, variables, get = false }: Attack) =>
  ask(query, { ...(variables === undefined ? {} : { variables }), get });

describe('attacks by a document', () => {
  test.each(attacks)('row $row: $input is $code, and costs no call', async (one) => {
    const gateway = await serve();
    // By POST twice: what was once refused is not let in by a cache.
    for (const how of [one, one, { ...one, get: true }]) {
      if (how.get && (one.query.length > 8_000 || JSON.stringify(one.variables ?? '').length > 8_000)) continue;
      if (how.get && /^(mutation|subscription)/.test(one.query)) continue;
      const { status, text, body } = await askIn(gateway, how);
      expect(status).toBe(400);
      expect(body.errors[0].extensions).toMatchObject({ code: one.code, requestId: expect.stringMatching(/./) });
      expect(body.data).toBeUndefined();
      expect(body.errors.length).toBeLessThanOrEqual(one.row === 46 ? 51 : 10);
      expect(text).not.toMatch(/did you mean|call stack|node_modules/i);
    }
    expect(gateway.calls).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  const LIMITS = attacks.filter(({ code }) => code.endsWith('_LIMIT'));

  test.each(LIMITS)('row $row: $input is never known as a persisted query', async ({ query, code }) => {
    const { ask } = await serve();
    const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') };
    const refused = await ask(query, { extensions: { persistedQuery } });
    expect([refused.status, refused.body.errors[0].extensions.code, refused.body.errors.length]).toEqual([
      400,
      code,
      1,
    ]);
    const again = await ask(undefined, { extensions: { persistedQuery } });
    expect(again.body.errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
  });
});
