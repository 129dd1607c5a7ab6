import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { costsOf, operationOf } from '../../../../test/support/execution/cost-of.ts';
import { ROOT } from '../../../../test/support/processes/processes.ts';
import { LARGEST_COST } from './cost-tree.ts';

/** The example of the specification, section 3. */
const USERS = costsOf(`
  type User { name: String  age: Int @cost(weight: "2.0") }
  type Query { users(max: Int): [User] @listSize(slicingArguments: ["max"]) }
`);

test('the example of the specification has its field cost of 11 and its type cost of 6', () => {
  expect(USERS.static('{ users(max: 5) { age } }')).toBe(11 + 6);
});

test('the example of docs/limits.md costs what its table says', () => {
  const [, section = ''] = readFileSync(join(ROOT, 'docs/limits.md'), 'utf8').split('## Cost: `MAX_COST`');
  const [sdl = '', operation = ''] = [...section.matchAll(/```graphql\n(.*?)```/gs)].map(([, text]) => text);
  const { static: staticCost, real } = costsOf(sdl);
  expect(section).toContain(`**cost: ${staticCost(operation, { first: 4 })}**`);
  const [, data = '', shown = ''] = /^\{ "data": (.*), "extensions": \{ "cost": (.*?) \} \}$/m.exec(section) ?? [];
  const actual = real(operation, { data: JSON.parse(data) }, { first: 4 });
  expect(JSON.parse(shown)).toEqual({ static: staticCost(operation, { first: 4 }), actual });
});

test('a scalar costs nothing, and an object 1 for the field and 1 for itself', () => {
  const { static: cost } = costsOf('type Query { n: Int  one: One } type One { n: Int  kind: Kind } enum Kind { A }');
  expect(cost('{ n }')).toBe(1);
  expect(cost('{ n one { n kind __typename } }')).toBe(3);
});

/** Section 5.3.2.2. */
const WEIGHTS = costsOf(`
  input Approximate { share: Float }
  input Filter { approx: Approximate @cost(weight: "-12.0")  nested: [Filter!] }
  type Product { id: ID }
  type Query {
    topProducts(filter: Filter @cost(weight: "15.0")): [String] @cost(weight: "5.0") @listSize(assumedSize: 10)
    mostPopularProduct(approx: Approximate @cost(weight: "-3.0")): Product @cost(weight: "5.0")
    cheap(approx: Boolean @cost(weight: "-9")): Product
    plain(filter: Filter = { nested: [] }, n: Int): Int
  }
`);

test.each([
  ['{ topProducts }', 5],
  ['{ topProducts(filter: {}) }', 5 + 15],
  ['{ topProducts(filter: { approx: {} }) }', 5 + 15 - 12],
  ['{ mostPopularProduct { id } }', 5 + 1],
  ['{ mostPopularProduct(approx: {}) { id } }', 5 - 3 + 1],
  ['{ cheap(approx: true) { id } }', 0 + 1],
  ['{ cheap(approx: null) { id } }', 1 + 1],
  ['{ plain(n: 3, filter: null) }', 0],
  ['{ plain }', 1 + 1],
  ['{ plain(filter: { nested: [{}, { nested: [{}] }] }) }', 1 + 1 + 1],
])('arguments and input fields add their weights, and a field is never below 0: %s', (text, cost) => {
  expect(WEIGHTS.static(text)).toBe(1 + cost);
});

const LISTS = costsOf(
  `
  type Item { n: Int  tags: [Tag]  same: Item }
  type Tag { n: Int }
  type Edge { node: Item }
  type Connection { edges: [Edge!]!  nodes: [Item]  total: Int }
  scalar Heavy @cost(weight: "3")
  type Query {
    items(first: Int = 7, last: Int): [Item!]! @listSize(slicingArguments: ["first", "last"])
    pages(first: Int, last: Int): Connection! @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"])
    some(first: Int): [Item] @listSize(slicingArguments: ["first"], assumedSize: 20, requireOneSlicingArgument: false)
    any(first: Int): [Item] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
    grid: [[Item]] @listSize(assumedSize: 2)
    heavy: [Heavy] @listSize(assumedSize: 4)
    one(first: Int): [Item] @listSize(slicingArguments: "first", requireOneSlicingArgument: false)
  }
`,
  10,
);

test.each([
  ['an argument', '{ items(first: 3) { n } }', 1 + 3],
  ['the default of an argument', '{ items { n } }', 1 + 7],
  ['the largest of several arguments', '{ items(last: 9) { n } }', 1 + 9],
  ['a negative argument, which is no size', '{ some(first: -5) { n } }', 1 + 20],
  ['a negative argument next to another one', '{ items(first: 3, last: -1) { n } }', 1 + 3],
  ['zero', '{ some(first: 0) { n } }', 1],
  ['a slicing argument that is named without brackets', '{ one(first: 4) { n } }', 1 + 4],
  ['assumedSize without an argument', '{ some { n } }', 1 + 20],
  ['an argument before assumedSize', '{ some(first: 2) { n } }', 1 + 2],
  ['null, which is no argument', '{ some(first: null) { n } }', 1 + 20],
  ['the default size without any', '{ any { n } }', 1 + 10],
  ['the default size of a list without directive', '{ items(first: 2) { tags { n } } }', 1 + 2 * (1 + 1 + 10)],
  ['the default size of a list in a list', '{ grid { n } }', 1 + 2 * 10],
  ['weights of scalars', '{ heavy }', 4 * 3],
  ['sized fields', '{ pages(first: 3) { total edges { node { n } } } }', 1 + 1 + 1 + 3 * (1 + 1 + 1)],
  ['sized fields by alias', '{ p: pages(last: 3) { e: edges { node { n } } n: nodes { n } } }', 1 + 1 + 1 + 9 + 1 + 3],
])('the size of a list comes from %s', (_what, text, cost) => {
  expect(LISTS.static(text)).toBe(1 + cost);
});

test('the size of a list comes from variables, their defaults, and not from undeclared ones', () => {
  const text = 'query ($first: Int = 4) { items(first: $first) { n } }';
  expect([LISTS.static(text), LISTS.static(text, { first: 2 }), LISTS.static(text, { last: 2 })]).toEqual([6, 4, 6]);
});

test('a list without its required argument is unbounded, and the reason names the argument', () => {
  const { costs, schema } = LISTS;
  expect(costs.of(operationOf(schema, '{ pages { edges { node { n } } } }'))).toMatchObject({
    total: LARGEST_COST,
    unbounded: 'Query.pages requires one of first, last',
  });
  expect(LISTS.static('{ pages { total } }')).toBe(3);
});

test('invalid variables cost nothing: such an operation is not executed', () => {
  expect(LISTS.static('query ($first: Int!) { items(first: $first) { n } }', { first: 'many' })).toBe(0);
});

test('a field that is selected several times is executed, and counted, once', () => {
  const text =
    '{ items(first: 2) { same { n } ...A } items(first: 2) { same { same { n } } } } fragment A on Item { same { n } }';
  expect(LISTS.static(text)).toBe(1 + 1 + 2 * (1 + (1 + 1) + (1 + 1)));
});

test.each([
  ['{ items(first: 2) @skip(if: true) { n } }', {}, 1],
  ['query ($on: Boolean!) { items(first: 2) @include(if: $on) { n } }', { on: true }, 4],
  ['query ($on: Boolean!) { items(first: 2) @include(if: $on) { n } }', { on: false }, 1],
  ['query ($on: Boolean!) { ... @skip(if: $on) { items(first: 2) { n } } }', { on: false }, 4],
  ['query ($on: Boolean = true) { items(first: 2) @include(if: $on) { n } }', { on: null }, 1],
])('@skip and @include decide what counts: %s with %j', (text, variables, cost) => {
  expect(LISTS.static(text, variables)).toBe(cost);
});

test('an interface or union costs the most of its possible types', () => {
  const { static: cost } = costsOf(`
    interface Node { id: ID  next: Node }
    type A implements Node @cost(weight: "5") { id: ID  next: Node  own: A @cost(weight: "0.5") }
    type B implements Node { id: ID @cost(weight: "7")  next: Node }
    type C { id: ID }
    union U = A | C
    type Query { node: Node  u: U }
  `);
  expect(cost('{ node { __typename } }')).toBe(1 + 1 + 5);
  expect(cost('{ node { id } }')).toBe(1 + 1 + 8);
  expect(cost('{ node { ... on A { own { id } } ... on B { id } } }')).toBe(1 + 1 + 5 + 0.5 + 5);
  expect(cost('{ node { next { id } } }')).toBe(1 + 1 + 5 + 1 + 8);
  expect(cost('{ u { ... on C { id } ... on Node { next { id } } } }')).toBe(1 + 1 + 5 + 1 + 8);
});

test('introspection counts as one field: the gateway answers it itself', () => {
  expect(LISTS.static('{ __schema { types { fields { args { name } } } } __type(name: "Item") { name } }')).toBe(3);
});

test('the arguments of a fragment are read once, wherever it is spread', () => {
  const { schema, costs } = costsOf(
    'scalar Code  type Query { a: P  b: P  c: P }  type P { f(code: Code, n: Int): P  n: Int }',
  );
  let reads = 0;
  Object.assign(schema.getType('Code') ?? {}, {
    parseLiteral: () => {
      reads += 1;
      return 1;
    },
  });
  const operation = operationOf(
    schema,
    'query ($n: Int) { a { ...F } b { ...F } c { ...F } } fragment F on P { f(code: 1, n: $n) { n } }',
  );
  reads = 0;
  expect(costs.of(operation).total).toBe(1 + 3 * (1 + 1 + 1 + 1));
  expect(reads).toBe(1);
});

const MULTIPLYING = costsOf('type Query { many: [Query!]!  one: Query  n: Int }');
const nested = (levels: number, field: string): string => `${`{ ${field} `.repeat(levels)}{ n }${' }'.repeat(levels)}`;

test('lists that multiply lists end at the largest cost', () => {
  expect(MULTIPLYING.static(nested(6, 'many'))).toBeLessThan(LARGEST_COST);
  expect(MULTIPLYING.static(nested(200, 'many'))).toBe(LARGEST_COST);
});

const types = Array.from({ length: 30 }, (_, at) => `T${at}`);
const MANY_TYPES = costsOf(`
  interface I { next: I  n: Int }
  ${types.map((type) => `type ${type} implements I { next: I  n: Int }`).join('\n')}
  type Query { i: I }
`);
const fragmentsOf = (level: number): string =>
  types.map((type, at) => `... on ${type} { x${at}: next { ${level === 0 ? 'n' : `...F${level - 1}`} } }`).join(' ');

test('an operation that selects too many fields of too many types has the largest cost', () => {
  const levels = 20;
  const fragments = Array.from({ length: levels }, (_, at) => `fragment F${at} on I { ${fragmentsOf(at)} }`).join(' ');
  expect(MANY_TYPES.costs.of(operationOf(MANY_TYPES.schema, `{ i { ...F${levels - 1} } } ${fragments}`))).toMatchObject(
    {
      total: LARGEST_COST,
      unbounded: 'it selects too many fields',
    },
  );
});

test('the cost of a document without variables is computed once, and one with variables for each request', () => {
  const { costs, schema } = LISTS;
  const fixed = operationOf(schema, '{ items(first: 3) { n } }');
  expect(costs.of({ ...fixed })).toBe(costs.of({ ...fixed }));
  const open = operationOf(schema, 'query ($first: Int) { items(first: $first) { n } }', { first: 1 });
  expect(costs.of(open)).toMatchObject({ total: 3 });
  expect(costs.of({ ...open, variables: { first: 2 } })).toMatchObject({ total: 4 });
  expect(costs.known(open)?.total).toBe(3);
  expect(costs.known({ ...open })).toBeUndefined();
});
