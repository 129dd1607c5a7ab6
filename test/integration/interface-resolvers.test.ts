import { batch, loaded, rest } from 'tributary/backend';
import { scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { problemsInModules } from '../../src/graph/check/check-modules.ts';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { define, idsOf, plain, typeDefs } from '../support/modules/small-modules.ts';

const SDL = `
  type Query { works: [Work!]!  book: Book }
  interface Work { id: ID!  title(upper: Boolean): String  owner: User }
  type Book implements Work { id: ID!  title(upper: Boolean): String  owner: User  pages: Int }
  type Film { id: ID!  title(upper: Boolean): String  owner: User }
  extend type Film implements Work
  type Map { id: ID!  title(upper: Boolean): String  owner: User }
  type User { name: String! }
`;

const WORKS = [
  { __typename: 'Book', id: 'b', name: 'book', ownerId: 'u1', pages: 7 },
  { __typename: 'Film', id: 'f', name: 'film', ownerId: 'u2' },
];

const DOCUMENT = `{
  works { __typename id title(upper: true) owner { name } ... on Book { pages } }
  book { title owner { name } price }
}`;

const library = plain('library', SDL, {
  loaders: () => ({
    userById: batch(async (ids: readonly unknown[]) => new Map(ids.map((id) => [id, { name: `user ${id}` }]))),
  }),
  merge: { Book: { key: 'id' } },
  resolvers: {
    Query: { works: () => WORKS, book: () => WORKS[0] },
    Work: {
      title: ((row: { name: string }, { upper }: { upper?: boolean }) =>
        upper === true ? row.name.toUpperCase() : row.name) as never, // a row of this test
      owner: loaded('userById', 'ownerId'),
    },
    Film: { title: () => 'own' },
  },
});

const shop = plain('shop', 'type Book { id: ID!  price: Int }', {
  merge: { Book: { key: 'id' } },
  resolvers: { Book: { price: () => 5 } },
});

test.each(EXECUTIONS)('%s: types without an own resolver have that of their interface', async (execution) => {
  expect(await executedBy(execution, [library, shop])(DOCUMENT)).toEqual({
    data: {
      works: [
        { __typename: 'Book', id: 'b', title: 'BOOK', owner: { name: 'user u1' }, pages: 7 },
        { __typename: 'Film', id: 'f', title: 'own', owner: { name: 'user u2' } },
      ],
      book: { title: 'book', owner: { name: 'user u1' }, price: 5 },
    },
    errors: undefined,
  });
});

test('a field of an interface that is loaded costs one call for the rows of all its types', async () => {
  const User = z.object({ id: z.string(), name: z.string() });
  const module = define({
    name: 'library',
    typeDefs: typeDefs(SDL),
    upstreams: { users: rest() },
    // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
    loaders: ({ users }: any) => ({
      userById: batch(async (ids: readonly string[]) => {
        const found: z.infer<typeof User>[] = await users.get('/users', {
          query: { ids: ids.join(',') },
          response: z.array(User),
        });
        return new Map(found.map((user) => [user.id, user]));
      }),
    }),
    resolvers: {
      Query: { works: () => WORKS, book: () => null },
      Work: { title: () => 't', owner: loaded('userById', 'ownerId') },
    },
  });
  const users = scripted().get('/users', (request) => idsOf(request).map((id) => ({ id, name: `user ${id}` })));
  const gateway = testBackend(module, { users });
  const { data } = await gateway.query('{ works { owner { name } } }');
  expect(data).toEqual({ works: [{ owner: { name: 'user u1' } }, { owner: { name: 'user u2' } }] });
  expect(gateway.calls).toEqual(['library.users GET /users']);
});

test('a computed field may have the resolver of an interface', async () => {
  const priced = plain('priced', 'interface Priced { tax: Int } type Book implements Priced { id: ID!  tax: Int }', {
    merge: { Book: { key: 'id', needs: { tax: ['pages'] } } },
    // biome-ignore lint/suspicious/noExplicitAny: a row of this test
    resolvers: { Priced: { tax: ({ pages }: any) => pages * 2 } },
  });
  expect(problemsInModules([library, priced])).toEqual([]);
  for (const execution of EXECUTIONS)
    expect((await executedBy(execution, [library, priced])('{ book { tax } }')).data).toEqual({ book: { tax: 14 } });
});
