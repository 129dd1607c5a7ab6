import { rest } from 'tributary/backend';
import { type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { ofRest } from '../support/modules/test-module.ts';

const User = z.object({ fullName: z.string(), url: z.string() });

const module = define({
  name: 'accounts',
  typeDefs: typeDefs(`
    type Query { users: [User!]! }
    type Mutation { rename(input: NameInput!): User }
    input NameInput { fullName: String! }
    type User { fullName: String! url: String! }
  `),
  upstreams: { api: rest({ rows: { envelope: 'data', case: 'snake', names: { url: 'html_url' } } }) },
  resolvers: {
    Query: { users: (_root, _args, { clients }) => clients.api.get('/users', { response: z.array(User) }) },
    Mutation: {
      rename: (_root, { input }, { clients }) =>
        clients.api.patch('/user', { body: input, response: User, envelope: null }),
    },
  },
});

test('names and envelope of a backend are those of the module in rows and in bodies', async () => {
  const bodies: unknown[] = [];
  const gateway = testBackend(module, {
    api: scripted()
      .get('/users', { data: [{ full_name: 'Ann', html_url: '/ann' }], has_more: false })
      .patch('/user', ({ body }: ScriptedRequest) => {
        bodies.push(body);
        return { full_name: 'Ben', html_url: '/ben' };
      }),
  });
  expect((await gateway.query('{ users { fullName url } }')).data).toEqual({
    users: [{ fullName: 'Ann', url: '/ann' }],
  });
  const { data } = await gateway.query('mutation { rename(input: { fullName: "Ben" }) { fullName url } }');
  expect(data).toEqual({ rename: { fullName: 'Ben', url: '/ben' } });
  expect(bodies).toEqual([{ full_name: 'Ben' }]);
});

test('an option of rows that is not possible is a problem at the start', () => {
  expect(ofRest({ rows: { case: 'camel', names: { a: 1 }, envelope: '' } })).toEqual([
    'rows.envelope of upstream stock is "": use a string',
    'rows.case of upstream stock is "camel": use "snake" or "kebab" or "pascal"',
    `rows.names of upstream stock is {"a":1}: use an object with names, as in { fullName: 'display_name' }`,
  ]);
});
