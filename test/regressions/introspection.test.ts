import {
  buildASTSchema,
  getIntrospectionQuery,
  graphqlSync,
  introspectionFromSchema,
  lexicographicSortSchema,
  parse,
} from 'graphql';
import { enumeration, type SchemaModule, scalar } from 'tributary/backend';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

const same = () => scalar<unknown>({ parse: (value) => value, serialize: (value) => value });

const INPUTS = `
"Money as a decimal text."
scalar Money @specifiedBy(url: "https://example.com/money")
scalar Bare
extend scalar Bare @specifiedBy(url: "https://example.com/bare")
"How it goes."
enum Mood {
  "fine"
  GOOD
  BAD @deprecated(reason: "be good")
  WORSE @deprecated
}
"One way to find it."
input By @oneOf {
  "By id."
  id: ID
  name: String
}
"""
What to take.

Of all.
"""
input Filter {
  "How many."
  first: Int! = 20
  mood: Mood = GOOD
  moods: [Mood!] = [GOOD, BAD]
  price: Money = "1.00"
  text: String = "a \\"b\\""
  nothing: Int = null
  deep: Filter
  by: By = { id: 4 }
  old: Int @deprecated(reason: "use first")
}
`;

const OWNED = `
"The root."
type Query implements Node {
  id: ID
  "Finds things."
  things("Which." filter: Filter = { first: 5 }, by: By, "Not used." old: Int = 1 @deprecated(reason: "gone")): [Thing!]!
  price: Money @deprecated(reason: "see things")
  mood: Mood
  any: Any
}
"Changes."
type Mutation {
  "Writes."
  write(bare: Bare = 5, mood: Mood! = BAD): Int
}
"Has an id."
interface Node {
  "The id."
  id: ID
}
interface Named implements Node {
  id: ID
  name: String @deprecated
}
"A thing."
type Thing implements Node & Named {
  "Its id."
  id: ID
  name: String
}
"Anything."
union Any = Thing | Other
type Other { id: ID }
`;

/** Definitions of the same types in another module, with fewer descriptions. */
const BESIDE = `
type Query { more: Int }
type Thing implements Rated {
  id: ID
  "Stars, 1 to 5."
  stars("Of whom." by: ID): Int @deprecated(reason: "use rating") @authenticated
}
"Has stars."
interface Rated { stars(by: ID): Int }
`;

const meanings = () => ({ Money: same(), Bare: same(), Mood: enumeration({ GOOD: 1, BAD: 2, WORSE: 3 }) });

const modules = (): readonly SchemaModule[] => [
  plain('owner', INPUTS + OWNED, { merge: { Thing: { key: 'id' } }, resolvers: { ...meanings() } }),
  plain('beside', BESIDE, { merge: { Thing: { key: 'id' } }, resolvers: {} }),
];

/** SDL of both modules as one module would write it. */
const whole = () =>
  buildASTSchema(
    parse(
      // graphql-js ignores the @specifiedBy of an extension.
      INPUTS.replace('scalar Bare\nextend scalar Bare', 'scalar Bare') +
        OWNED.replace('any: Any\n', 'any: Any\n  more: Int\n').replace(
          'type Thing implements Node & Named {\n  "Its id."\n  id: ID\n  name: String\n',
          `type Thing implements Node & Named & Rated {
  "Its id."
  id: ID
  name: String
  "Stars, 1 to 5."
  stars("Of whom." by: ID): Int @deprecated(reason: "use rating")
`,
        ) +
        '"Has stars."\ninterface Rated { stars(by: ID): Int }',
    ),
  );

const EVERYTHING = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

test('introspection shows the SDL of all modules, in any order of modules', () => {
  const shown = (schema: Parameters<typeof lexicographicSortSchema>[0]) =>
    introspectionFromSchema(lexicographicSortSchema(schema), EVERYTHING).__schema;
  const written = shown(whole());
  for (const order of [modules(), modules().toReversed()]) {
    const { schema } = buildGateway({ modules: order, connect: () => () => Promise.reject(new Error('no upstream')) });
    const { types, directives, ...roots } = shown(schema);
    expect(roots).toEqual({ ...roots, queryType: written.queryType, mutationType: written.mutationType });
    expect(directives).toEqual(written.directives);
    const names = types.map(({ name }) => name);
    expect(names.filter((name) => !written.types.some((type) => type.name === name))).toEqual([]);
    for (const type of written.types) expect(types.find(({ name }) => name === type.name)).toEqual(type);
  }
});

for (const execution of EXECUTIONS)
  test(`a scalar keeps its description and specifiedByURL (${execution})`, async () => {
    const runQuery = executedBy(execution, modules());
    const { data } = await runQuery('{ __type(name: "Money") { description specifiedByURL } }');
    expect(data.__type).toEqual({
      description: 'Money as a decimal text.',
      specifiedByURL: 'https://example.com/money',
    });
  });

const NAMES = 'fields(includeDeprecated: $old) { name }';

/** Operations of introspection only, with variables. */
const PURE: readonly (readonly [document: string, variables?: Readonly<Record<string, unknown>>])[] = [
  [getIntrospectionQuery({ ...EVERYTHING })],
  ['{ then: __schema { then: queryType { name } } __typename a: __type(name: "Query") { __typename name } }'],
  ['{ __type(name: "Nothing") { name } b: __type(name: "_Key") { name } c: __type(name: "_Entity") { name } }'],
  [
    '{ __schema { directives { name } } ...F } fragment F on Query { __schema { queryType { ...T } } } fragment T on __Type { name }',
  ],
  [`query ($name: String!, $old: Boolean = true) { __type(name: $name) { ${NAMES} } }`, { name: 'Query' }],
  [
    `query ($name: String!, $old: Boolean, $no: Boolean!) { __type(name: $name) { name @skip(if: $no) ${NAMES} } }`,
    { name: 'Query', old: false, no: true },
  ],
];

/** Operations of introspection and other fields, with variables of the modules' own types. */
const MIXED: typeof PURE = [
  ['{ more __schema { queryType { name } } id __typename }'],
  [
    'query ($filter: Filter, $name: String = "Mood") { things(filter: $filter) { __typename id } __type(name: $name) { enumValues { name } } mood }',
    { filter: { mood: 'GOOD', price: '1', by: { id: '1' } } },
  ],
  ['query ($name: String = "Mood") { more __type(name: $name) { name } }', { name: null }],
  ['mutation { write(bare: 1) __typename }'],
];

const answering = (): readonly SchemaModule[] => [
  plain('owner', INPUTS + OWNED, {
    merge: { Thing: { key: 'id' } },
    resolvers: {
      ...meanings(),
      Query: { id: () => 'root', things: () => [{ id: '1' }], mood: () => 2 },
      Mutation: { write: () => 1 },
    },
  }),
  plain('beside', BESIDE, { merge: { Thing: { key: 'id' } }, resolvers: { Query: { more: () => 7 } } }),
];

for (const execution of EXECUTIONS)
  test(`introspection answers as graphql-js on the printed schema (${execution})`, async () => {
    const connect = () => () => Promise.reject(new Error('no upstream'));
    const { schema } = buildGateway({ modules: answering(), connect });
    const runQuery = executedBy(execution, answering());
    for (const [source, variableValues = {}] of PURE) {
      const { data, errors } = await runQuery(source, variableValues);
      const expected = graphqlSync({ schema, source, variableValues });
      expect(errors).toEqual(expected.errors);
      expect(JSON.stringify(data)).toBe(JSON.stringify(expected.data));
    }
  });

test('introspection next to other fields answers alike by plan and by delegation, in the order of the document', async () => {
  const [reference, compiled] = EXECUTIONS.map((execution) => executedBy(execution, answering()));
  for (const [document, variables] of MIXED) {
    const expected = await reference?.(document, variables);
    expect(JSON.stringify(await compiled?.(document, variables))).toBe(JSON.stringify(expected));
    expect(expected?.data).not.toBeNull();
  }
});

test('a default that graphql-js cannot print does not prevent the start, and introspection leaves it out', async () => {
  const received: unknown[] = [];
  const modules = [
    plain(
      'any',
      `scalar Any
      scalar Big
      input In { any: Any = { a: [1] }, text: Any = "x" }
      type Query { list(of: Any! = [], big: Big = 9007199254740993, in: In = { any: {} }): Int }`,
      {
        resolvers: {
          Any: same(),
          Big: scalar<bigint>({ parse: (value) => BigInt(String(value)), serialize: (value) => value as never }),
          Query: {
            list: (_root, args) => {
              received.push(args);
              return 1;
            },
          },
        },
      },
    ),
  ];
  for (const execution of EXECUTIONS)
    expect(await executedBy(execution, modules)('{ list }')).toEqual({ data: { list: 1 }, errors: undefined });
  const used = { of: [], big: 9007199254740993n, in: { any: {}, text: 'x' } };
  expect(received).toEqual([used, used]);
  const query = `{
    in: __type(name: "In") { inputFields { name defaultValue } }
    query: __type(name: "Query") { fields { args { name defaultValue } } }
  }`;
  expect(await executedBy('compiled', modules)(query)).toEqual({
    data: {
      in: {
        inputFields: [
          { name: 'any', defaultValue: null },
          { name: 'text', defaultValue: '"x"' },
        ],
      },
      query: {
        fields: [
          {
            args: [
              { name: 'of', defaultValue: null },
              { name: 'big', defaultValue: '"9007199254740993"' },
              { name: 'in', defaultValue: '{text: "x"}' },
            ],
          },
        ],
      },
    },
    errors: undefined,
  });
});
