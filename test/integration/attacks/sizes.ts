import { deep, doubling, flatDoubling, times } from '../../support/gateway/shop.ts';
import { type Attack, document, failed, harmless } from './attack.ts';
import { asked } from './http.ts';

const invalid = 'GRAPHQL_VALIDATION_FAILED';

const known: readonly Attack[] = [
  document(27, '4,001 tokens', `{ node { ${'name '.repeat(3_996)}} }`, 'GRAPHQL_PARSE_FAILED'),
  document(28, 'fields nested 3,000 deep', deep(3_000), 'GRAPHQL_PARSE_FAILED'),
  document(28, 'fields nested 1,300 deep', deep(1_300), 'DEPTH_LIMIT'),
  document(29, 'a list nested 20,000 deep', `{ product(id: ${'['.repeat(20_000)}) { id } }`, 'GRAPHQL_PARSE_FAILED'),
  // Deeper lists may end in the parser, if its recursion exceeds the stack: that depends on how warm the process is.
  document(29, 'a list nested 900 deep', `{ product(id: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`, invalid),
  document(
    29,
    'an object nested 900 deep',
    `{ products(filter: ${'{text:'.repeat(900)}1${'}'.repeat(900)}) { id } }`,
    invalid,
  ),
  document(30, 'fields nested 13 deep', deep(13), 'DEPTH_LIMIT'),
  document(
    30,
    'a depth of 13 through a fragment',
    `{ node { ...Deep } } fragment Deep on Node { self ${'{ self '.repeat(10)}{ name }${' }'.repeat(10)} }`,
    'DEPTH_LIMIT',
  ),
  document(
    30,
    'a depth of 13 through inline fragments',
    `{ node { ... on Node { self { ... { ${'self { '.repeat(10)}name${' }'.repeat(10)} } } } } }`,
    'DEPTH_LIMIT',
  ),
  document(
    30,
    'a depth of 13 in an operation that is not selected',
    `query A { node { name } } query B ${deep(13)}`,
    'DEPTH_LIMIT',
  ),
  document(31, '101 aliases of one field', `{ node { ${times(101, (n) => `a${n}: name`)} } }`, 'ALIAS_LIMIT'),
  document(
    31,
    '102 aliases through a fragment of 51',
    `{ node { ...A self { ...A } } } fragment A on Node { ${times(51, (n) => `a${n}: name`)} }`,
    'ALIAS_LIMIT',
  ),
  document(32, '102 times the same field', `{ node { ${'name '.repeat(102)}} }`, 'ALIAS_LIMIT'),
  document(
    32,
    '300 times the same field with a selection',
    `{ node { ${'pair(x: 1, y: 2) { name } '.repeat(300)}} }`,
    'ALIAS_LIMIT',
  ),
  document(32, '330 times the same root field', `{ ${'product(id: 1) { id } '.repeat(330)}}`, 'ROOT_FIELD_LIMIT'),
  document(34, '100 times @skip', `{ node { name ${'@skip(if: false) '.repeat(100)}} }`, 'DIRECTIVE_LIMIT'),
  document(34, '51 unknown directives', `{ node { name ${'@nope '.repeat(51)}} }`, 'DIRECTIVE_LIMIT'),
  document(
    34,
    '51 directives all over a document',
    `query A($x: Int ${'@a '.repeat(11)}) ${'@b '.repeat(10)} { node { ...F ${'@c '.repeat(10)} ... ${'@d '.repeat(10)} { name } } } fragment F on Node ${'@e '.repeat(10)} { name }`,
    'DIRECTIVE_LIMIT',
  ),
  document(35, 'a fragment that spreads itself', '{ node { ...A } } fragment A on Node { self { ...A } }', invalid),
  document(
    35,
    'two fragments that spread each other',
    '{ node { ...A } } fragment A on Node { self { ...B } } fragment B on Node { self { ...A } }',
    invalid,
  ),
  document(35, 'an unknown fragment', '{ node { ...Nowhere } }', invalid),
  document(36, '2^30 fields through fragments', doubling(30), 'DEPTH_LIMIT'),
  document(36, '2^9 aliases through fragments', doubling(9), 'ALIAS_LIMIT'),
  document(36, '2^30 selections in one place', flatDoubling(30), 'COST_LIMIT'),
  document(39, '21 root fields', `{ ${times(21, (n) => `p${n}: product(id: ${n}) { id }`)} }`, 'ROOT_FIELD_LIMIT'),
  document(
    39,
    '21 root fields of a mutation',
    `mutation { ${times(21, (n) => `c${n}: count(by: 1)`)} }`,
    'ROOT_FIELD_LIMIT',
  ),
  document(
    39,
    '22 root fields through a fragment',
    `{ ...R ... on Query { ...R } } fragment R on Query { ${times(11, (n) => `p${n}: product(id: ${n}) { id }`)} }`,
    'ROOT_FIELD_LIMIT',
  ),
];

const more: readonly Attack[] = [
  harmless(
    33,
    '40 nests of 20 inline fragments',
    `{ node { ${times(40, () => `${'... {'.repeat(20)} name ${'}'.repeat(20)}`)} } }`,
    { node: { name: 'a node' } },
  ),
  failed(37, '99,999,999 items', asked('{ orders(first: 99999999) { id } }'), ['orders BAD_USER_INPUT']),
  failed(37, 'a negative number of items', asked('{ orders(first: -1) { id } }'), ['orders BAD_USER_INPUT']),
  document(38, '200 aliases of a list', `{ tree { ${times(200, (n) => `a${n}: many { leaf }`)} } }`, 'ALIAS_LIMIT'),
  failed(38, 'a list of lists of lists of 100', asked('{ tree { many { many { many { leaf } } } } }'), ['COST_LIMIT']),
  document(
    'next',
    '300 unused fragments',
    `{ hello } ${times(300, (n) => `fragment F${n} on Query { hello }`)}`,
    invalid,
  ),
  document(
    'next',
    '2^30 selections in unused fragments',
    `{ hello } ${times(30, (n) => `fragment F${n} on Node { ...F${n + 1} ... { ...F${n + 1} } }`)} fragment F30 on Node { name }`,
    invalid,
  ),
  document(
    'next',
    'depth and aliases in an unused fragment',
    `{ hello } fragment F on Node { ${'self { '.repeat(300)}${times(500, (n) => `a${n}: name`)}${' }'.repeat(300)} }`,
    invalid,
  ),
  document(
    'next',
    'a ring of 300 fragments',
    `{ node { ...F0 } } ${times(300, (n) => `fragment F${n} on Node { self { ...F${(n + 1) % 300} } }`)}`,
    'DEPTH_LIMIT',
  ),
  document('next', '50 fragments of one name', `{ ...F } ${'fragment F on Query { hello } '.repeat(50)}`, invalid),
  document('next', '900 unused variables', `query (${times(900, (n) => `$v${n}: Int`)}) { hello }`, invalid),
  document(
    'next',
    '1,300 operations',
    times(1_300, (n) => `query Q${n} { hello }`),
    'GRAPHQL_PARSE_FAILED',
  ),
  document('next', '100 times __typename', `{ ${times(100, (n) => `a${n}: __typename`)} }`, 'ROOT_FIELD_LIMIT'),
  harmless('next', 'a comment of 90,000 letters', `#${'x'.repeat(90_000)}\n{ hello }`, { hello: 'world' }),
  harmless('next', '30,000 comments', `${'#\n'.repeat(30_000)}{ hello }`, { hello: 'world' }),
  harmless('next', '90,000 commas', `{${','.repeat(90_000)} hello }`, { hello: 'world' }),
  document('next', '45,000 lines before a mistake', `${'\n'.repeat(45_000)}{ hello `, 'GRAPHQL_PARSE_FAILED'),
  harmless('next', 'a block string of 80,000 letters', `{ echo(text: """${'x'.repeat(80_000)}""") }`, {
    echo: 'x'.repeat(80_000),
  }),
  harmless('next', 'a block string of 30,000 lines', `{ echo(text: """${'\n '.repeat(30_000)}x""") }`, { echo: 'x' }),
  document('next', 'a block string that never ends', `{ echo(text: """${'x'.repeat(80_000)}`, 'GRAPHQL_PARSE_FAILED'),
  document('next', 'a number of 60,000 digits', `{ level(at: ${'9'.repeat(60_000)}) }`, invalid),
  document(
    'next',
    'an escape of 80,000 digits',
    `{ echo(text: "\\u{${'0'.repeat(80_000)}41}") }`,
    'GRAPHQL_PARSE_FAILED',
  ),
];

/** Attacks with too large or too expensive documents. */
export const sizes: readonly Attack[] = [...known, ...more];
