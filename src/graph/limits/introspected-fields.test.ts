import { buildSchema, executeSync, getIntrospectionQuery, Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { introspectedFields } from './introspected-fields.ts';

const SCHEMA = buildSchema(`
  interface Node { id: ID! }
  union Any = Item | Other
  enum Kind { A  B @deprecated }
  input Filter { kind: Kind = A  and: [Filter!] }
  type Item implements Node { id: ID!  self: Item  items(filter: Filter, first: Int): [Item!]!  old: Int @deprecated }
  type Other { any: Any }
  type Query { item: Item  any: Any }
`);

/** Number of fields in a value, without `__typename`. */
const fieldsIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + fieldsIn(item), 0);
  return Object.entries(value).reduce((sum, [key, own]) => sum + (key === '__typename' ? 0 : 1) + fieldsIn(own), 0);
};

const countOf = (text: string, variables: Readonly<Record<string, unknown>> = {}, most = 250_000) => {
  const document = parse(text);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('The document has no operation.');
  const { data } = executeSync({ schema: SCHEMA, document, variableValues: variables });
  const counted = introspectedFields(() => SCHEMA, { document, operation, variables }, variables, most);
  return { counted, resolved: fieldsIn(data) };
};

test.each([
  [
    'the query of tools',
    getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true }),
  ],
  ['a list in a list in a list', '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }'],
  ['aliases', '{ __schema { a: types { name } b: types { __typename kind } } c: __type(name: "Item") { name } }'],
  ['a type that does not exist', '{ __type(name: "Missing") { fields { name } } }'],
  ['deprecated fields', '{ __type(name: "Item") { fields(includeDeprecated: true) { name } } }'],
  [
    'fragments',
    '{ __schema { ...s } } fragment s on __Schema { types { ...t } } fragment t on __Type { name fields { ... on __Field { name } } }',
  ],
  ['several fields with one key', '{ __schema { types { name } types { kind } } }'],
  ['conditions', '{ __schema { types { name @skip(if: true) kind } } }'],
  [
    'interfaces, unions and inputs',
    '{ __schema { types { possibleTypes { name } interfaces { name } inputFields { name type { ofType { name } } } enumValues { name } } } }',
  ],
])('%s: as many fields are counted as are resolved', (_, text) => {
  const { counted, resolved } = countOf(text);
  expect(counted).toBe(resolved);
  expect(counted).toBeGreaterThan(0);
});

test('variables choose what is counted', () => {
  const text = 'query ($all: Boolean!) { __type(name: "Item") { fields(includeDeprecated: $all) { name } } }';
  const [all, some] = [true, false].map((value) => countOf(text, { all: value }));
  expect(all).toEqual({ counted: 6, resolved: 6 });
  expect(some).toEqual({ counted: 5, resolved: 5 });
});

test('introspection below a field of the graph is counted', () => {
  const document = parse('mutation { begin { query { __schema { queryType { name } } } } }');
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document has no operation.');
  expect(introspectedFields(() => SCHEMA, { document, operation, variables: {} }, {}, 100)).toBe(3);
});

test('an operation without introspection needs no schema', () => {
  const document = parse('{ item { id } }');
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document has no operation.');
  const shown = () => {
    throw new Error('The schema was read.');
  };
  expect(introspectedFields(shown, { document, operation, variables: {} }, {}, 100)).toBe(0);
});

test('the count stops soon above the maximum', () => {
  const wide = (levels: number): string =>
    levels === 0 ? 'name' : `fields { type { ${wide(levels - 1)} } } others: fields { type { ${wide(levels - 1)} } }`;
  const { counted, resolved } = countOf(`{ __schema { types { ${wide(6)} } } }`, {}, 1_000);
  expect(counted).toBeGreaterThan(1_000);
  expect(counted).toBeLessThan(resolved / 2);
});
