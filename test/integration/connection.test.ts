import { connection, rest } from 'tributary/backend';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const module = define({
  name: 'code',
  typeDefs: typeDefs(`
    type Query { repositories(first: Int, after: String): RepositoryConnection! }
    type RepositoryConnection { nodes: [Repository!]! edges: [RepositoryEdge!]! pageInfo: PageInfo! totalCount: Int }
    type RepositoryEdge { cursor: String! node: Repository! }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    type Repository { name: String! }
  `),
  upstreams: { api: rest() },
  resolvers: {
    Query: {
      repositories: (_root: unknown, args: { first?: number; after?: string }, { clients }) =>
        connection({
          style: 'link',
          args,
          parameters: ['page'],
          fetch: async ({ limit, query }) => {
            const response = z.array(z.object({ name: z.string() }));
            const page = await clients.api.getPage('/repos', { query: { per_page: limit, ...query }, response });
            return { rows: page.value, next: page.next };
          },
        }),
    },
  },
});

const REPOSITORIES = ['gateway', 'planner', 'docs'].map((name) => ({ name }));

test('a list with Link headers is a connection: each page costs one call and continues at the cursor before', async () => {
  const gateway = testBackend(module, {
    api: scripted().get('/repos', ({ query }) => {
      const page = Number(query.get('page') ?? 1);
      const body = REPOSITORIES.slice((page - 1) * 2, page * 2);
      const link = page === 1 ? { link: '<https://api.test/repos?per_page=2&page=2>; rel="next"' } : {};
      return reply({ status: 200, body, headers: link });
    }),
  });
  const document = `query ($after: String) { repositories(first: 2, after: $after) {
    nodes { name } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  } }`;
  const { data: first } = await gateway.query(document, { after: null });
  const cursors = first?.repositories.edges.map(({ cursor }: { cursor: string }) => cursor);
  expect(first).toEqual({
    repositories: {
      nodes: REPOSITORIES.slice(0, 2),
      edges: cursors.map((cursor: string, at: number) => ({ cursor, node: REPOSITORIES[at] })),
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: cursors[0], endCursor: cursors[1] },
      totalCount: null,
    },
  });
  const { data: second } = await gateway.query(document, { after: cursors[1] });
  expect(second?.repositories).toMatchObject({
    nodes: REPOSITORIES.slice(2),
    pageInfo: { hasNextPage: false, hasPreviousPage: true },
  });
  expect(gateway.calls).toEqual(['code.api GET /repos', 'code.api GET /repos']);
});
