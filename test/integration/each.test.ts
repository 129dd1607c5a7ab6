import { each, loaded, rest } from 'tributary/backend';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { warningsIn } from '../../src/graph/compose/warnings.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const User = z.object({ login: z.string(), name: z.string() });

/** A module of a backend without a bulk call: `/users/{login}`. */
const posts = (options?: { readonly concurrency: number }) =>
  define({
    name: 'posts',
    typeDefs: typeDefs(
      'type Query { posts: [Post!]! } type Post { author: User } type User { login: ID! name: String! }',
    ),
    upstreams: { api: rest() },
    loaders: ({ api }) => ({
      userByLogin: each((login: string) => api.get('/users/{login}', { path: { login }, response: User }), options),
    }),
    resolvers: {
      Query: { posts: () => ['ann', 'ben', 'ann', 'eve', 'ben'].map((login) => ({ login })) },
      Post: { author: loaded('userByLogin', 'login') },
    },
  });

test('a list costs one call for each distinct key; a missing row is null, and a failure concerns its own rows', async () => {
  const gateway = testBackend(posts(), {
    api: scripted().get('/users/{login}', ({ path }) => {
      if (path === '/users/ben') return reply({ status: 404 });
      return path === '/users/eve' ? reply({ status: 500 }) : { login: 'ann', name: 'Ann' };
    }),
  });
  const { data, errors } = await gateway.query('{ posts { author { name } } }');
  expect(data).toEqual({
    posts: [
      { author: { name: 'Ann' } },
      { author: null },
      { author: { name: 'Ann' } },
      { author: null },
      { author: null },
    ],
  });
  expect(errors?.map(({ path, extensions }) => [path, extensions?.code])).toEqual([
    [['posts', 3, 'author'], 'UPSTREAM_ERROR'],
  ]);
  expect(gateway.calls).toEqual(Array.from({ length: 3 }, () => 'posts.api GET /users/{login}'));
});

test('the start warns of a call for each key until the module declares the concurrency', () => {
  expect(warningsIn([posts()])).toEqual([
    'posts: the loader userByLogin makes one call for each key: a list of 100 rows costs 100 calls. Use batch() if the backend has a bulk call, else set the concurrency of each(): each(load, { concurrency: 4 }).',
  ]);
  expect(warningsIn([posts({ concurrency: 8 })])).toEqual([]);
});
