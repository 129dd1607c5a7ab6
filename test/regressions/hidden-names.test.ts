import { scalar } from 'tributary/backend';
import { expect, test } from 'vitest';
import { EXECUTIONS } from '../support/gateway/executed.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { plain } from '../support/modules/small-modules.ts';

const SDL = `
type Query { find(secretInput: SecretInput!): SecretThing  count(n: Int! = 1): Int  any: SecretUnion }
type SecretThing { secretField: SecretThing  leaf: SecretEnum }
type SecretOther { leaf: Int }
union SecretUnion = SecretThing | SecretOther
enum SecretEnum { SECRET_A  SECRET_B }
input SecretInput { secretRequired: [SecretItem!]!  mood: SecretEnum  by: SecretBy  cents: SecretScalar  n: Int }
input SecretItem { secretSku: ID! }
input SecretBy @oneOf { secretId: ID  secretName: String }
scalar SecretScalar`;

const modules = () => [
  plain('a', SDL, {
    resolvers: {
      SecretScalar: scalar<unknown>({
        parse: () => {
          throw new Error('Money is written as 12.34.');
        },
        serialize: (value) => value,
      }),
      Query: { find: () => null, count: () => 1, any: () => null },
    },
  }),
];

const NEVER_NAMED = /Secret|secret|SECRET/;

const DOCUMENTS: readonly (readonly [document: string, variables: object, message: string])[] = [
  ['{ find { leaf } }', {}, 'Field "find" lacks a required argument.'],
  ['{ find(secretInput: {}) { leaf } }', {}, 'A required field is missing.'],
  ['{ any { nope } }', {}, 'Cannot query field "nope" here.'],
  ['{ any }', {}, 'Field "any" must have a selection of subfields.'],
  ['{ count { x } }', {}, 'Field "count" has no subfields.'],
  ['{ count(m: 1) }', {}, 'Unknown argument "m".'],
  ['{ find(secretInput: { x: 1, secretRequired: [] }) { leaf } }', {}, 'Field "x" is not defined.'],
  ['{ find(secretInput: { mood: NO, secretRequired: [] }) { leaf } }', {}, 'Value "NO" does not exist in this enum.'],
  ['{ find(secretInput: { mood: 5, secretRequired: [] }) { leaf } }', {}, 'Expected an enum value.'],
  ['{ find(secretInput: { by: {}, secretRequired: [] }) { leaf } }', {}, 'Exactly one field must be set.'],
  [
    '{ find(secretInput: { cents: "x", secretRequired: [] }) { leaf } }',
    {},
    'Invalid value: Money is written as 12.34.',
  ],
  ['{ find(secretInput: null) { leaf } }', {}, 'The value must not be null.'],
  ['query($n: ID) { count(n: $n) }', {}, 'The type of variable "$n" does not fit here.'],
  ['query($n: Int = 1) { count(n: $n) }', { n: null }, 'Argument "n" must not be null.'],
  ['{ any { ... on Query { count } } }', {}, 'The fragment cannot be used here.'],
  ['{ a: count a: any { __typename } }', {}, 'Fields "a" conflict. Use different aliases to fetch both.'],
  ['{ count @nope }', {}, 'Unknown directive "@nope".'],
  ['{ count(n: "x") }', {}, 'Int cannot represent non-integer value: "x"'],
];

const VALUES: readonly (readonly [value: unknown, message: string])[] = [
  [{}, 'Variable "$i" got an invalid value. A required field is missing.'],
  [null, 'Variable "$i" of non-null type "SecretInput!" must not be null.'],
  [
    { secretRequired: [{}] },
    'Variable "$i" got an invalid value at "i.secretRequired[0]". A required field is missing.',
  ],
  [{ secretRequired: [], x: 1 }, 'Variable "$i" got an invalid value. Field "x" is not defined.'],
  [
    { secretRequired: [], mood: 'NO' },
    'Variable "$i" got an invalid value at "i.mood". Value "NO" does not exist in this enum.',
  ],
  [{ secretRequired: [], mood: 'NO"\n' }, 'Variable "$i" got an invalid value at "i.mood". Does not match the schema.'],
  [
    { secretRequired: [], cents: 'x"; at "y"' },
    'Variable "$i" got an invalid value at "i.cents". Invalid value: Money is written as 12.34.',
  ],
  [
    { secretRequired: [], n: 'x' },
    'Variable "$i" got an invalid value at "i.n". Int cannot represent non-integer value: "x"',
  ],
];

for (const execution of EXECUTIONS)
  test(`without introspection a message contains no name that the client did not send (${execution})`, async () => {
    const { runQuery } = await servedGateway({ modules: modules(), execution });
    for (const [document, variables, message] of DOCUMENTS) {
      const { body, text } = await runQuery(document, { variables: variables as never });
      expect([document, body.errors[0].message]).toEqual([document, message]);
      expect(text).not.toMatch(NEVER_NAMED);
      expect(body.errors[0].locations.length).toBeGreaterThan(0);
    }
    for (const [i, message] of VALUES) {
      const { status, body } = await runQuery('query($i: SecretInput!) { find(secretInput: $i) { leaf } }', {
        variables: { i },
      });
      expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
      expect([i, body.errors[0].message]).toEqual([i, message]);
    }
  });

test('with introspection a message names the field, argument or type that it is about', async () => {
  const { runQuery } = await servedGateway({ modules: modules(), introspection: true });
  const { body } = await runQuery('{ find { leaf } }');
  expect(body.errors[0].message).toBe(
    'Field "find" argument "secretInput" of type "SecretInput!" is required, but it was not provided.',
  );
});

test('a repeated unknown directive is reported once', async () => {
  const { runQuery } = await servedGateway({ modules: modules() });
  const { status, body } = await runQuery(`query cop { __typename ${'@aa'.repeat(10)} }`);
  expect(status).toBe(400);
  expect(body.errors.map(({ message }: { message: string }) => message)).toEqual(['Unknown directive "@aa".']);
});
