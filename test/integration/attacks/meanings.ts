import { times } from '../../support/gateway/shop.ts';
import { type Attack, document, harmless } from './attack.ts';

const invalid = 'GRAPHQL_VALIDATION_FAILED';
const wrong = 'BAD_USER_INPUT';

const known: readonly Attack[] = [
  document(40, 'introspection', '{ __schema { types { name } } }', invalid),
  document(40, '__type', '{ __type(name: "Product") { name } }', invalid),
  document(40, '__type in a fragment', '{ ...T } fragment T on Query { __type(name: "Product") { name } }', invalid),
  document(40, 'the SDL of a federated service', '{ _service { sdl } }', invalid),
  document(40, 'entities of a federated service', '{ _entities(representations: []) { __typename } }', invalid),
  document(40, "the gateway's own entry point", '{ _shop_Product(keys: []) { id } }', invalid),
  document(40, "the gateway's own copy of a key", '{ product(id: 1) { _key_id } }', invalid),
  document(41, 'a misspelt field', '{ produkt(id: 1) { id } }', invalid),
  document(41, 'a misspelt argument', '{ product(idd: 1, id: 1) { id } }', invalid),
  document(41, 'a misspelt enum value', '{ products(status: ACTIV) { id } }', invalid),
  document(41, 'a misspelt type', '{ product(id: 1) { ... on Produkt { id } } }', invalid),
  document(41, 'a misspelt variable type', 'query ($s: Statuss) { products(status: $s) { id } }', invalid),
  document(41, 'a misspelt input field', '{ products(filter: { texd: "" }) { id } }', invalid),
  document(41, 'a misspelt directive', '{ node @skp(if: true) { name } }', invalid),
  document(41, 'a misspelt fragment', '{ node { ...Nod } } fragment Node on Node { name }', invalid),
  document(
    41,
    'a misspelt enum value in a variable',
    'query ($s: Status) { products(status: $s) { id } }',
    'BAD_USER_INPUT',
    { variables: { s: 'ACTIV' } },
  ),
  document(
    41,
    'a misspelt input field in a variable',
    'query ($f: Filter) { products(filter: $f) { id } }',
    'BAD_USER_INPUT',
    { variables: { f: { texd: '' } } },
  ),
  document(42, '150 unknown fields', `{ node { ${times(150, (n) => `nope${n}`)} } }`, invalid),
  ...['__proto__', 'constructor', 'prototype', '__x', '_key_id'].flatMap((name) => [
    document(43, `the alias ${name} at the root`, `{ ${name}: product(id: 1) { id } }`, invalid),
    document(43, `the alias ${name} on a merged type`, `{ product(id: 1) { ${name}: place { shelf } } }`, invalid),
  ]),
  document(44, 'an input field named __proto__', '{ products(filter: { __proto__: { text: "" } }) { id } }', invalid),
  document(45, 'an Int of 2^31', 'mutation { count(by: 2147483648) }', invalid),
  document(45, 'a Float for an Int', 'mutation { count(by: 1.5) }', invalid),
  document(45, 'null for a non-null argument', 'mutation { count(by: null) }', invalid),
  document(45, 'text for an Int in a variable', 'mutation ($n: Int!) { count(by: $n) }', 'BAD_USER_INPUT', {
    variables: { n: 'a' },
  }),
  document(
    46,
    '10,000 wrong items in one variable',
    'query ($f: Filter) { products(filter: $f) { id } }',
    'BAD_USER_INPUT',
    { variables: { f: { ids: Array.from({ length: 10_000 }, () => ({})) } }, mostErrors: 51 },
  ),
  document(47, 'a subscription', 'subscription { product(id: 1) { id } }', 'BAD_REQUEST'),
  document(48, '@defer', '{ product(id: 1) { ... @defer { id } } }', invalid),
  document(48, '@stream', '{ products @stream { id } }', invalid),
  document(48, "a directive of the modules' SDL", '{ node { name @rateLimit(limit: 1, duration: 1) } }', invalid),
  document(48, 'a definition of a type', 'type Query { a: Int } { node { name } }', invalid),
];

const INT = 'mutation ($n: Int!) { count(by: $n) }';
const ID = 'query ($n: ID!) { byId(id: $n) }';
const TEXT = 'query ($n: String!) { echo(text: $n) }';

const ofKinds = (kinds: readonly unknown[], what: string, query: string): readonly Attack[] =>
  kinds.map((n) =>
    document('next', `${JSON.stringify(n)} for ${what} in a variable`, query, wrong, { variables: { n } }),
  );

const more: readonly Attack[] = [
  harmless(
    43,
    'harmless aliases that resemble JavaScript names, on merged types too',
    '{ catch: product(id: 1) { toString: name hasOwnProperty: place { length: shelf then: shelf } } then: product(id: 1) { then: name id } }',
    // Parsed from JSON: an object literal with a `then` property could be mistaken for a promise.
    JSON.parse(
      '{"catch":{"toString":"Product 1","hasOwnProperty":{"length":"Shelf 1","then":"Shelf 1"}},"then":{"then":"Product 1","id":"1"}}',
    ),
  ),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name) =>
    document(44, `a variable named ${name}`, `query ($${name}: Int = 2) { level(at: $${name}) }`, invalid),
  ),
  document(
    44,
    'an input field named constructor in a variable',
    'query ($f: Filter) { products(filter: $f) { id } }',
    wrong,
    {
      variables: { f: { constructor: { prototype: { polluted: 1 } } } },
    },
  ),
  ...ofKinds([2 ** 53, 2 ** 31, -(2 ** 31) - 1, 1.5, '1', true, [1], {}, null], 'an Int', INT),
  ...ofKinds([{ a: 1 }, ['a'], true, 1.5, { toString: 'x' }, null], 'an ID', ID),
  ...ofKinds([1, {}, ['a'], true, null], 'a String', TEXT),
  document('next', 'an Int of 26 digits', 'mutation { count(by: 99999999999999999999999999) }', invalid),
  document(
    'next',
    'a list 40,000 deep for a list of IDs',
    'query ($f: Filter) { products(filter: $f) { id } }',
    'BAD_REQUEST',
    {
      variables: { f: { ids: JSON.parse(`${'['.repeat(40_000)}${']'.repeat(40_000)}`) } },
    },
  ),
  document('next', 'an undeclared variable', '{ level(at: $a) }', invalid),
  document('next', 'a variable declared twice', 'query ($a: Int, $a: String) { level(at: $a) }', invalid),
  document(
    'next',
    'a variable in a default',
    'query ($a: Int = $b, $b: Int = 1) { level(at: $a) }',
    'GRAPHQL_PARSE_FAILED',
  ),
  document('next', 'an argument twice', '{ level(at: 1, at: 2) }', invalid),
  document('next', 'an input field twice', '{ level(of: { n: 1, n: 2 }, at: 3) }', invalid),
  document('next', 'one response key for two different fields', '{ x: level(at: 1) x: level(at: 2) }', invalid),
  document('next', 'two operations of one name', 'query A { hello } query A { plain }', invalid),
  document('next', 'an anonymous operation next to a named one', '{ hello } query A { hello }', invalid),
  document('next', 'a fragment named on', '{ ...on } fragment on on Query { hello }', 'GRAPHQL_PARSE_FAILED'),
  document('next', 'a document with only a fragment', 'fragment F on Query { hello }', invalid),
  document('next', 'introspection under an alias', '{ a: __schema\n{ queryType { name } } }', invalid),
  document('next', '__type below the root', '{ product(id: 1) { __type(name: "A") { name } } }', invalid),
  document('next', 'an extension of a type', 'extend type Query { x: Int } { hello }', invalid),
  ...['@skip', '@skip(if: null)', '@include(if: "true")', '@include(if: 1)'].map((how) =>
    document('next', `hello ${how}`, `{ hello ${how} }`, invalid),
  ),
  harmless('next', 'a query named mutation', 'query mutation { hello }', { hello: 'world' }),
  document('next', 'a lone surrogate in an escape', '{ byId(id: "\\ud800") }', 'GRAPHQL_PARSE_FAILED'),
  document('next', 'a lone surrogate in a string', '{ byId(id: "\ud800") }', 'GRAPHQL_PARSE_FAILED'),
  document('next', 'an escape beyond Unicode', '{ echo(text: "\\u{110000}") }', 'GRAPHQL_PARSE_FAILED'),
  document('next', 'NUL in a document', '{ hello\0 }', 'GRAPHQL_PARSE_FAILED'),
  document('next', 'a document with only blanks', ' \t\ufeff,\n', 'GRAPHQL_PARSE_FAILED'),
];

/** Attacks with the meaning of a document. */
export const meanings: readonly Attack[] = [...known, ...more];
