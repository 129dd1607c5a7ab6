import { expect, test } from 'vitest';
import { deep, flatDoubling, serveShop as serve, times } from '../support/gateway/shop.ts';

const BORDERS: readonly (readonly [what: string, query: string])[] = [
  ['inline fragments nested 1,200 deep', `{ ${'... { '.repeat(1_200)}__typename${'}'.repeat(1_200)} }`],
  ['fields nested 12 deep', deep(12)],
  ['100 aliases', `{ node { ${times(100, (n) => `a${n}: name`)} } }`],
  ['20 root fields', `{ ${times(20, (n) => `p${n}: product(id: ${n}) { id }`)} }`],
  ['50 directives', `{ node { name ${times(50, (n) => `n${n}: name @skip(if: false)`)} } }`],
  [
    'the same fragments many times',
    `{ node { ...A ...B ...C } } ${['A', 'B', 'C'].map((name) => `fragment ${name} on Node { name self { name } }`).join(' ')}`,
  ],
  [
    '40 nests of 20 inline fragments',
    `{ node { ${times(40, () => `${'... {'.repeat(20)} name ${'}'.repeat(20)}`)} } }`,
  ],
  [
    'harmless aliases that resemble JavaScript names',
    '{ product(id: 1) { toString: name hasOwnProperty: name length: name valueOf: id then: name } }',
  ],
];

test.each(BORDERS)('%s are answered', async (_what, query) => {
  const { runQuery } = await serve();
  const { status, body } = await runQuery(query);
  expect([status, body.errors]).toEqual([200, undefined]);
});

test('harmless aliases that resemble JavaScript names return the right data, on merged types too', async () => {
  const { runQuery } = await serve();
  const { body } = await runQuery(
    '{ catch: product(id: 1) { toString: name hasOwnProperty: place { length: shelf then: shelf } } then: product(id: 1) { then: name id } }',
  );
  expect(body.data).toEqual({
    catch: { toString: 'Product 1', hasOwnProperty: { length: 'Shelf 1', then: 'Shelf 1' } },
    then: { then: 'Product 1', id: '1' },
  });
});

test('a variable named __proto__ is rejected and changes no prototype (row 44)', async () => {
  const { runQuery } = await serve();
  const query = 'mutation ($__proto__: Int = 2) { count(by: $__proto__) }';
  const { status, body } = await runQuery(query);
  expect([status, body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('configured limits apply to documents that another gateway has accepted', async () => {
  const { runQuery } = await serve({ limits: { maxDepth: 3, maxAliases: 1, maxTokens: 40 } });
  const codeOf = async (query: string) => (await runQuery(query)).body.errors?.[0].extensions.code;
  expect(await codeOf(deep(3))).toBeUndefined();
  expect(await codeOf(deep(4))).toBe('DEPTH_LIMIT');
  expect(await codeOf('{ a: node { name } b: node { name } }')).toBe('ALIAS_LIMIT');
  expect(await codeOf(`{ node { ${'name '.repeat(40)} } }`)).toBe('GRAPHQL_PARSE_FAILED');
});

test('permitted introspection is not subject to the depth limit', async () => {
  const { runQuery } = await serve({ introspection: true, limits: { maxDepth: 2 } });
  const { body } = await runQuery(
    '{ __schema { types { fields { type { ofType { ofType { name } } } } } } node { name } }',
  );
  expect(body.errors).toBeUndefined();
});

test('2^60 selections are rejected without being visited', async () => {
  const { runQuery } = await serve();
  const { status, body } = await runQuery(flatDoubling(60));
  expect(status).toBe(400);
  expect(body.errors).toHaveLength(1);
});

test('limits are checked before validation: an invalid document beyond a limit has the error of the limit only', async () => {
  const { runQuery } = await serve();
  const { body } = await runQuery(`{ unknown ${times(20, (n) => `p${n}: product(id: ${n}) { id }`)} }`);
  const codes = body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
  expect(codes).toEqual(['ROOT_FIELD_LIMIT']);
});
