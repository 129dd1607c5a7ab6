import { buildSchema, Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { leafRequirements } from './authorization/input-parts.ts';
import { InputRequirements } from './authorization/input-requirements.ts';
import { requirementsOf } from './authorization/requirements.ts';
import { cacheHintsOf } from './cache-hints.ts';
import { cachePolicyOf } from './cache-policy.ts';
import { DIRECTIVE_DEFINITIONS } from './definitions.ts';

const CATALOG = `
  type Query {
    product: Product @cacheControl(maxAge: 60)
    products: [Product!]
    news: String @cacheControl(maxAge: 5)
    secret: String @authenticated @cacheControl(maxAge: 50)
    rare: String @rateLimit(limit: 1, duration: 1) @cacheControl(maxAge: 50)
    plain: String
    found: Found @cacheControl(maxAge: 40)
  }
  type Mutation { buy: Product @cacheControl(maxAge: 60) }
  type Product @cacheControl(maxAge: 30) { id: ID! name: String brand: Brand like: Product @cacheControl(inheritMaxAge: true)
    mine: Int @cacheControl(maxAge: 100, scope: PRIVATE) }
  type Brand { name: String }
  union Found = Product | Brand`;
const STOCK = 'type Product { id: ID! stock: Int fresh: Int @cacheControl(maxAge: 2) }';
const VISITS = 'type Query { visits: Int @cacheControl(maxAge: 9) }';

const documents = Object.entries({ catalog: CATALOG, stock: STOCK, visits: VISITS }).map(([module, sdl]) => ({
  module,
  document: parse(sdl),
}));
const { fields, types } = cacheHintsOf(documents);
const schema = buildSchema(`${DIRECTIVE_DEFINITIONS} ${CATALOG}
  extend type Product { stock: Int fresh: Int } extend type Query { visits: Int }`);
const knowledge = {
  schema,
  fields,
  types,
  requirements: requirementsOf(documents),
  inputs: new InputRequirements(documents, leafRequirements(documents)),
  personal: new Set(['visits']),
  computed: [],
  keys: new Map(),
};

const policy = (text: string) => {
  const document = parse(text);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('no operation');
  return cachePolicyOf(knowledge, document, operation);
};

describe('the maximum age of an operation is that of its strictest field', () => {
  for (const [document, maxAge, isPrivate = false] of [
    ['{ product { id name } }', 60],
    ['{ products { id name } }', 30], // the type's hint applies to a field without one
    ['{ product { name } news }', 5],
    ['{ product { name } plain }', 0], // a root field without a hint disables caching
    ['{ product { brand { name } } }', 0], // so does an object without a hint
    ['{ product { like { like { name } } } }', 60],
    ['{ product { stock } }', 0], // a hint does not apply to fields of other modules
    ['{ product { fresh } }', 2],
    ['{ product { mine } }', 60, true],
    ['{ secret }', 50, true], // fields with authorisation are private
    ['{ visits }', 9, true], // fields of a module that forwards data of the caller are private
    ['{ found { ... on Brand { name } ... on Product { name } } }', 40],
    ['{ product { ...F } } fragment F on Product { name fresh }', 2],
    ['{ product { fresh @skip(if: true) } }', 2], // skipped fields count
    ['{ product { __typename } }', 60],
    ['{ __schema { types { name } } product { name } }', 0],
    ['mutation { buy { name } }', 0],
  ] as const)
    test(document, () => expect(policy(document)).toMatchObject({ maxAge, isPrivate }));
});

test('a field with a rate limit marks the operation as limited', () => {
  expect(policy('{ rare }').isLimited).toBe(true);
  expect(policy('{ news }').isLimited).toBe(false);
});

test('a fragment is visited once, however often it is spread', () => {
  const depth = 30;
  const fragments = Array.from(
    { length: depth },
    (_, n) => `fragment F${n} on Product { like { ...F${n + 1} } name like { ...F${n + 1} } }`,
  );
  expect(policy(`{ product { ...F0 } } ${fragments.join(' ')} fragment F${depth} on Product { fresh }`).maxAge).toBe(2);
});

test('fields of an interface are visited once for each of its types, at any depth', () => {
  const [types, depth] = [8, 50];
  const names = Array.from({ length: types }, (_, at) => `T${at}`);
  const sdl = `type Query { node: Node } interface Node { id: ID next: Node }
    ${names.map((name) => `type ${name} implements Node { id: ID next: Node }`).join(' ')}`;
  let looks = 0;
  class Counting<Hint> extends Map<string, Hint> {
    override get(name: string) {
      looks += 1;
      return super.get(name);
    }
  }
  const hints = cacheHintsOf([{ module: 'nodes', document: parse(sdl) }]);
  const document = parse(`{ node ${'{ next '.repeat(depth)} { id } ${'}'.repeat(depth)} }`);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const known = { ...knowledge, schema: buildSchema(sdl), fields: new Counting(hints.fields), types: hints.types };
  expect(cachePolicyOf(known, document, operation).maxAge).toBe(0);
  expect(looks).toBe(1 + types * (depth + 1));
});

test('a field that may give an input with requirements makes the response private', () => {
  const sdl = `
    type Query { find(all: Boolean @authenticated, by: In): Int @cacheControl(maxAge: 9) }
    input In { a: Int  b: Int @authenticated }`;
  const documents = [{ module: 'shop', document: parse(sdl) }];
  const inputs = new InputRequirements(documents, leafRequirements(documents));
  const own = { ...knowledge, ...cacheHintsOf(documents), requirements: requirementsOf(documents), inputs };
  const isPrivate = (text: string): boolean => {
    const document = parse(text);
    const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
    if (operation === undefined) throw new Error('no operation');
    const schema = buildSchema(`${DIRECTIVE_DEFINITIONS} ${sdl}`);
    return cachePolicyOf({ ...own, schema }, document, operation).isPrivate;
  };
  expect(isPrivate('{ find }')).toBe(false);
  expect(isPrivate('{ find(by: { a: 1 }) }')).toBe(false);
  expect(isPrivate('{ find(all: true) }')).toBe(true);
  expect(isPrivate('{ find(by: { b: 1 }) }')).toBe(true);
  expect(isPrivate('query ($by: In) { find(by: $by) }')).toBe(true);
});
