import { buildSchema, Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { readLimits } from '../../rate-limit/rules/read-limits.ts';
import { NO_LIMITS } from '../../rate-limit/rules/rule.ts';
import { RuleSet } from '../../rate-limit/rules/rule-set.ts';
import { ANONYMOUS } from '../../request/principal.ts';
import { limitedOperations } from './request-limits.ts';

const SCHEMA = buildSchema(`
  enum Region { EU US }
  scalar JSON
  input Range { from: Int = 1  to: Int }
  input Filter { region: Region = EU  text: String  range: Range = { to: 9 }  tags: [String!] = ["a"]  and: Filter }
  type Query {
    search(text: String = "all", first: Int = 20, ids: [ID], ratio: Float, flag: Boolean = false): Int
    find(filter: Filter = { text: "x" }, filters: [Filter!], json: JSON): Int
    same(text: String = "query"): Int
  }
  type Mutation { login(email: String): Login  same(text: String = "mutation"): Int }
  type Login { query: Query }
`);

const operationOf = (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
  const document = parse(query);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('The document has no operation.');
  return limitedOperations(SCHEMA, () => 0)({ document, operation, variables });
};

/** The counters of an operation by an argument. */
const keysOf = (path: string, query: string, variables?: Readonly<Record<string, unknown>>) => {
  const file = JSON.stringify({ rules: [{ name: 'r', key: [`argument:${path}`], rates: ['9/1m'] }] });
  const rules = new RuleSet(readLimits(file).limits ?? NO_LIMITS);
  const facts = { principal: ANONYMOUS, address: '192.0.2.1', client: null, route: null };
  const operation = operationOf(query, variables);
  const { charges } = rules.demandOf({ ...facts, operation }, { ms: 0, next: () => '' });
  return charges.filter(({ named }) => named.policy === 'r').map(({ key }) => key);
};

type Written = readonly [query: string, variables?: Readonly<Record<string, unknown>>];

describe('spellings of one value share a counter', () => {
  test.each<[string, string, Written, Written]>([
    ['a default that is left out', 'search.text', ['{ search }'], ['{ search(text: "all") }']],
    ['a variable without a value', 'search.text', ['query($t: String) { search(text: $t) }'], ['{ search }']],
    ['the default of a variable', 'search.text', ['query($t: String = "all") { search(text: $t) }'], ['{ search }']],
    ['a variable', 'search.text', ['query($t: String) { search(text: $t) }', { t: 'all' }], ['{ search }']],
    ['null', 'search.text', ['query($t: String = "b") { search(text: $t) }', { t: null }], ['{ search(text: null) }']],
    ['a default of Boolean', 'search.flag', ['{ search }'], ['{ search(flag: false) }']],
    ['a number', 'search.ratio', ['{ search(ratio: 1) }'], ['{ search(ratio: 1.0e0) }']],
    ['a list of one', 'search.ids', ['{ search(ids: 7) }'], ['{ search(ids: ["7"]) }']],
    [
      'an enum',
      'find.filter.region',
      ['{ find(filter: {}) }'],
      ['query($r: Region) { find(filter: { region: $r }) }', { r: 'EU' }],
    ],
    ['a field of a default', 'find.filter.text', ['{ find }'], ['{ find(filter: { text: "x" }) }']],
    ['a default inside a default', 'find.filter.region', ['{ find }'], ['{ find(filter: { region: EU }) }']],
    [
      'a whole input object',
      'find.filter',
      ['{ find }'],
      ['{ find(filter: { tags: "a", range: { to: 9, from: 1 }, region: EU, text: "x" }) }'],
    ],
    [
      'an input object in a variable',
      'find.filter',
      ['query($f: Filter) { find(filter: $f) }', { f: { text: 'x' } }],
      ['{ find }'],
    ],
    [
      'a field without a value of its variable',
      'find.filter',
      ['query($t: String) { find(filter: { text: "x", tags: "a", and: { text: $t } }) }'],
      ['{ find(filter: { and: { region: EU }, text: "x" }) }'],
    ],
    [
      'one object for a list of them',
      'find.filters.text',
      ['{ find(filters: { text: "b" }) }'],
      ['{ find(filters: [{ text: "b" }]) }'],
    ],
  ])('%s', (_, path, one, other) => {
    const keys = keysOf(path, ...one);
    expect(keys).toEqual(keysOf(path, ...other));
    // The one of a caller without the argument.
    expect(keys).not.toEqual(keysOf(path, 'mutation { login }'));
  });
});

describe('different values have different counters', () => {
  test.each<[string, string, Written, Written]>([
    ['null and the default', 'search.text', ['{ search(text: null) }'], ['{ search }']],
    ['other text', 'search.text', ['{ search(text: "b") }'], ['{ search }']],
    ['an input object with another field', 'find.filter', ['{ find(filter: { text: "y" }) }'], ['{ find }']],
    ['the defaults of equal fields of Query and Mutation', 'same.text', ['{ same }'], ['mutation { same }']],
    ['lists in another order', 'search.ids', ['{ search(ids: [1, 2]) }'], ['{ search(ids: [2, 1]) }']],
  ])('%s', (_, path, one, other) => {
    expect(keysOf(path, ...one)).not.toEqual(keysOf(path, ...other));
  });
});

test('each item of a list of input objects has a counter', () => {
  expect(keysOf('find.filters.text', '{ find(filters: [{ text: "b" }, { text: "c" }]) }')).toHaveLength(2);
});

test('a value that is nested very deeply is counted', () => {
  let json: unknown = 'x';
  for (let n = 0; n < 100_000; n += 1) json = n % 2 === 0 ? [json, 1] : { json };
  expect(keysOf('find.json', 'query($j: JSON) { find(json: $j) }', { j: json })).toHaveLength(1);
});

test('a variable is read once, however many fields use it', () => {
  let reads = 0;
  const ids = new Proxy([1, 2, 3], {
    get: (target, name, receiver) => {
      if (name === '0') reads += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  const fields = Array.from({ length: 100 }, (_, n) => `a${n}: search(ids: $ids)`).join(' ');
  expect(keysOf('search.ids', `query($ids: [ID]) { ${fields} }`, { ids })).toHaveLength(1);
  expect(reads).toBe(1);
});
