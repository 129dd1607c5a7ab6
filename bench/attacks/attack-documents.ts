/** A request of an attack tool, or of a published attack, on the schema of `attacked-gateway.ts`. */
export interface AttackDocument {
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Code of the first error. Null for a document that is executed, because its work is bounded. */
  readonly code: string | null;
}

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

/** Selects `inner` below `levels` fields. */
const nested = (levels: number, field: string, inner: string): string =>
  `${`${field} { `.repeat(levels)}${inner}${' }'.repeat(levels)}`;

const CONDITIONS = 10;

/** Almost as many selections as costs are computed for. They are read for each combination of the conditions. */
const conditional = `query (${times(CONDITIONS, (n) => `$v${n}: Boolean!`)}) {
  item { ${times(30, (n) => `a${n}: entity { ...f${n % 4} }`)} }
}
${times(4, (n) => `fragment f${n} on Entity { ${times(12, (at) => `... on T${at} @include(if: $v${(n + at) % CONDITIONS}) { owner { id } }`)} }`)}`;

const jsonOfDepth = (levels: number): unknown => {
  let value: unknown = 'x';
  for (let n = 0; n < levels; n += 1) value = [value];
  return value;
};

const REFUSED_BY_SIZE: readonly AttackDocument[] = [
  {
    name: 'too many tokens: 300,000 fields',
    query: `{ item { ${'id '.repeat(300_000)} } }`,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  { name: 'a comment of 900 kB', query: `{ __typename } #${'x'.repeat(900_000)}`, code: null },
  { name: 'a text of 900 kB', query: `{ item(text: "${'x'.repeat(900_000)}") { id } }`, code: null },
  { name: '800 kB without a token', query: ' ,'.repeat(400_000), code: 'GRAPHQL_PARSE_FAILED' },
  { name: 'fields nested in 5,000 levels', query: `{ ${nested(5_000, 'self', 'id')} }`, code: 'GRAPHQL_PARSE_FAILED' },
  { name: 'fields nested in 900 levels', query: `{ item { ${nested(900, 'self', 'id')} } }`, code: 'DEPTH_LIMIT' },
  {
    name: 'a list nested in 500 levels',
    query: `{ item(text: ${'['.repeat(500)}${']'.repeat(500)}) { id } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  { name: 'one field 3,500 times', query: `{ item { ${'id '.repeat(3_500)} } }`, code: 'ALIAS_LIMIT' },
  {
    name: '1,000 aliases at the root',
    query: `{ ${times(1_000, (n) => `a${n}: __typename`)} }`,
    code: 'ROOT_FIELD_LIMIT',
  },
  {
    name: '1,000 aliases below a field',
    query: `{ item { ${times(1_000, (n) => `a${n}: id`)} } }`,
    code: 'ALIAS_LIMIT',
  },
  { name: '1,900 directives of one field', query: `{ __typename ${'@a '.repeat(1_900)} }`, code: 'DIRECTIVE_LIMIT' },
  {
    name: '1,900 directives of an operation',
    query: `query ${'@a '.repeat(1_900)} { __typename }`,
    code: 'DIRECTIVE_LIMIT',
  },
];

const REFUSED_BY_SHAPE: readonly AttackDocument[] = [
  {
    name: 'a fragment in itself',
    query: '{ item { ...f } } fragment f on Item { self { ...f } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    ...{ name: '400 fragments in a circle', code: 'GRAPHQL_VALIDATION_FAILED' },
    query: `{ item { ...f0 } } ${times(400, (n) => `fragment f${n} on Item { ...f${(n + 1) % 400} }`)}`,
  },
  {
    ...{ name: '400 fragments in one line', code: null },
    query: `{ item { ...f0 } } ${times(400, (n) => `fragment f${n} on Item { ...f${n + 1} }`)} fragment f400 on Item { id }`,
  },
  {
    ...{ name: '30 fragments in all others', code: 'GRAPHQL_VALIDATION_FAILED' },
    query: `{ item { ...f0 } } ${times(30, (n) => `fragment f${n} on Item { ${times(30, (at) => `...f${at}`)} }`)}`,
  },
  {
    ...{ name: 'fragments that double 100 times', code: 'COST_LIMIT' },
    query: `{ item { ...f0 } } ${times(100, (n) => `fragment f${n} on Item { ...f${n + 1} ...f${n + 1} }`)} fragment f100 on Item { id }`,
  },
  {
    name: '500 fragments without a use',
    query: `{ __typename } ${times(500, (n) => `fragment f${n} on Item { id }`)}`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: '500 operations',
    query: times(500, (n) => `query q${n} { __typename }`),
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: '550 variables',
    query: `query (${times(550, (n) => `$v${n}: Int = 1`)}) { __typename }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: '3,500 unknown fields',
    query: `{ item { ${times(3_500, (n) => `nam${n}`)} } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: '1,200 unknown arguments',
    query: `{ item(${times(1_200, (n) => `tex${n}: 1`)}) { id } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: '250 unknown types',
    query: `{ item { ${times(250, (n) => `... on Ite${n} { id }`)} } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
];

const REFUSED_BY_COST: readonly AttackDocument[] = [
  { name: 'lists in lists', query: `{ ${nested(6, 'items(first: 100)', 'id')} }`, code: 'COST_LIMIT' },
  { name: 'a list of 2,147,483,647 items', query: '{ items(first: 2147483647) { id } }', code: 'COST_LIMIT' },
  {
    name: 'lists in lists of an interface',
    query: `{ item { entity { ${nested(6, 'related(first: 50)', 'id')} } } }`,
    code: 'COST_LIMIT',
  },
  {
    ...{ name: '20 types in each of 5 levels', code: 'COST_LIMIT' },
    query: `{ item { entity { ...l0 } } } ${times(5, (level) => `fragment l${level} on Entity { ${times(20, (n) => `... on T${n} { owner { ...l${level + 1} } }`)} }`)} fragment l5 on Entity { id }`,
  },
];

const COMPARED: readonly AttackDocument[] = [
  {
    ...{ name: '300 fragments with one field', code: 'COST_LIMIT' },
    query: `{ item { ${times(300, (n) => `...f${n}`)} } } ${times(300, (n) => `fragment f${n} on Item { self { id } }`)}`,
  },
  {
    ...{ name: '50 fragments with a conflict in each two', code: 'GRAPHQL_VALIDATION_FAILED' },
    query: `{ item { ${times(50, (n) => `...f${n}`)} } } ${times(50, (n) => `fragment f${n} on Item { a: items(first: ${n}) { id } }`)}`,
  },
  {
    ...{ name: '300 inline fragments with one list', code: 'COST_LIMIT' },
    query: `{ item { ${times(300, () => '... { self { self { id } } }')} } }`,
  },
  {
    ...{ name: 'fields of 20 types below each other', code: 'COST_LIMIT' },
    query: `{ item { entity { ${times(15, (n) => `... on T${n} { owner { ${times(15, (at) => `... on T${at} { related { id } }`)} } }`)} } } }`,
  },
];

const VARIABLES: readonly AttackDocument[] = [
  {
    name: 'a variable nested in 500 levels',
    query: 'query ($t: String) { item(text: $t) { id } }',
    variables: { t: jsonOfDepth(500) },
    code: 'BAD_REQUEST',
  },
  {
    name: 'a list of 200,000 invalid items',
    query: 'query ($ids: [Int!]) { item(ids: $ids) { id } }',
    variables: { ids: Array(200_000).fill('x') },
    code: 'BAD_USER_INPUT',
  },
];

const LEAVES = 'name kind description specifiedByURL isOneOf';

const EVERYTHING = `${LEAVES} ofType { ${LEAVES} ofType { ${LEAVES} } }`;

const INTROSPECTION: readonly AttackDocument[] = [
  {
    name: 'introspection in circles',
    query: `{ __schema { types { ${nested(6, 'fields { type', 'name')}${' }'.repeat(6)} } } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'introspection as wide as it is allowed',
    query: `{ __schema { ${times(9, (n) => `t${n}: types { ${times(9, (at) => `f${at}: fields { type { fields { type { ${EVERYTHING} } } } }`)} }`)} } }`,
    code: 'COST_LIMIT',
  },
  {
    name: '20 times introspection',
    query: `{ ${times(20, (n) => `s${n}: __schema { types { fields { args { type { name } } type { fields { name } } } } }`)} }`,
    code: null,
  },
];

/** Documents as graphql-cop, graphql-armor, BatchQL, InQL, CrackQL and published descriptions have them, near each bound. */
export const ATTACK_DOCUMENTS: readonly AttackDocument[] = [
  ...REFUSED_BY_SIZE,
  ...REFUSED_BY_SHAPE,
  ...REFUSED_BY_COST,
  ...COMPARED,
  ...VARIABLES,
  ...INTROSPECTION,
  {
    name: 'conditions',
    query: conditional,
    variables: Object.fromEntries(Array.from({ length: CONDITIONS }, (_, n) => [`v${n}`, n % 2 === 0])),
    code: null,
  },
];
