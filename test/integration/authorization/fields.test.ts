import { defineBackend, guard, rest } from 'tributary/backend';
import { scripted, signedIn, testBackend } from 'tributary/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ApiKeyHolder, Principal } from '../../../src/request/principal.ts';

/** A module with a protected secret. The backend call shows if the secret was fetched. */
// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const people = defineBackend<any>()({
  name: 'people',
  typeDefs: {
    file: import.meta.filename,
    text: `
      type Query { person: Person  secret: String @policy(policies: [["insider"]])  found: [Found!]  named: Named }
      type Mutation { rename: Renamed }
      interface Named { id: ID!  secret: String @policy(policies: [["insider"]]) }
      type Person implements Named { id: ID!  name: String  secret: String }
      type Robot { id: ID!  secret: String @policy(policies: [["insider"]]) }
      union Found = Person | Robot
      type Renamed { person: Person  secret: String @policy(policies: [["insider"]]) }`,
  },
  upstreams: { vault: rest() },
  merge: { Person: { key: 'id' } },
  policies: { insider: (principal) => principal.kind === 'user' && principal.subject === 'insider' },
  resolvers: {
    Query: {
      person: () => ({ id: '1', name: 'Ada' }),
      named: () => ({ __typename: 'Person', id: '1' }),
      found: () => [
        { __typename: 'Person', id: '1' },
        { __typename: 'Robot', id: '2' },
      ],
      // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
      secret: (_root: unknown, _args: unknown, { clients }: any) => secretOf(clients),
    },
    Mutation: { rename: () => ({ person: { id: '1' } }) },
    // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
    Person: { secret: (_person: unknown, _args: unknown, { clients }: any) => secretOf(clients) },
    // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
    Robot: { secret: (_robot: unknown, _args: unknown, { clients }: any) => secretOf(clients) },
    // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
    Renamed: { secret: (_renamed: unknown, _args: unknown, { clients }: any) => secretOf(clients) },
  },
});

// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const secretOf = (clients: any): Promise<string> => clients.vault.get('/secret', { response: z.string() });

/** Another module that adds fields to Person, and has a type with an authorization requirement. */
// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const club = defineBackend<any>()({
  name: 'club',
  typeDefs: {
    file: import.meta.filename,
    text: `
      type Query { members: [Person!]  me: String @authenticated  board: Board
        read: String @requiresScopes(scopes: [["club:read", "club:list"], ["club:admin"]])  chair: String @policy(policies: [["role:chair"]]) }
      type Person { id: ID!  dues: Int @authenticated  badge: String }
      type Board @authenticated { size: Int }`,
  },
  upstreams: { ledger: rest() },
  merge: { Person: { key: 'id' } },
  resolvers: {
    Query: {
      members: () => [{ id: '1' }],
      me: () => 'you',
      board: () => ({ size: 3 }),
      read: () => 'read',
      chair: () => 'chair',
    },
    Person: {
      badge: () => 'B1',
      // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
      dues: (_person: unknown, _args: unknown, { clients }: any) => clients.ledger.get('/dues', { response: z.int() }),
    },
  },
});

const scripts = {
  vault: scripted().get('/secret', 'open sesame'),
  'club.ledger': scripted().get('/dues', 12),
};

const gatewayFor = (principal = signedIn({ subject: 'outsider' })) =>
  testBackend(people, scripts, { beside: [club], principal });

const WAYS: readonly (readonly [way: string, document: string, path: string, others: object])[] = [
  ['at the root', '{ secret person { name } }', 'secret', { person: { name: 'Ada' } }],
  ['under an alias', '{ x: secret person { name } }', 'x', { person: { name: 'Ada' } }],
  [
    'in a fragment',
    '{ person { name ...S } } fragment S on Person { secret }',
    'person.secret',
    { person: { name: 'Ada' } },
  ],
  ['in an inline fragment', '{ person { name ... { secret } } }', 'person.secret', { person: { name: 'Ada' } }],
  ['through an interface', '{ named { id secret } }', 'named.secret', { named: { id: '1' } }],
  ['through a union', '{ found { ... on Robot { id secret } } }', 'found.1.secret', { found: [{}, { id: '2' }] }],
  ['joined from another module', '{ members { badge secret } }', 'members.0.secret', { members: [{ badge: 'B1' }] }],
  [
    'in the result of a mutation',
    'mutation { rename { person { id } secret } }',
    'rename.secret',
    { rename: { person: { id: '1' } } },
  ],
];

describe('a denied field is null and not fetched, and its siblings are answered', () => {
  for (const [way, document, path, others] of WAYS)
    test(way, async () => {
      const gateway = gatewayFor();
      const { data, errors } = await gateway.query(document);
      expect(errors).toMatchObject([
        {
          path: path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
          extensions: { code: 'FORBIDDEN' },
        },
      ]);
      expect(data).toMatchObject(others);
      expect(path.split('.').reduce((value, step) => value[step], data)).toBeNull();
      expect(gateway.calls).toEqual([]);
    });

  for (const [way, document, path] of WAYS)
    test(`${way}: an authorized caller gets the field`, async () => {
      const { data, errors } = await gatewayFor(signedIn({ subject: 'insider' })).query(document);
      expect(errors).toBeUndefined();
      expect(path.split('.').reduce((value, step) => value[step], data)).toBe('open sesame');
    });
});

test('a join with only denied fields makes no call', async () => {
  const gateway = testBackend(people, scripts, { beside: [club] });
  const { data, errors } = await gateway.query('{ person { name dues } }');
  expect(data).toEqual({ person: { name: 'Ada', dues: null } });
  expect(errors).toMatchObject([{ path: ['person', 'dues'], extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(gateway.calls).toEqual([]);
});

test('a requirement on a type covers each of its fields', async () => {
  const { data, errors } = await testBackend(people, scripts, { beside: [club] }).query('{ board { size } }');
  expect(data).toEqual({ board: { size: null } });
  expect(errors).toMatchObject([{ path: ['board', 'size'], extensions: { code: 'UNAUTHENTICATED' } }]);
});

type Rights = Pick<ApiKeyHolder, 'scopes' | 'roles'>;
const KINDS: readonly (readonly [string, (rights: Rights) => Principal])[] = [
  ['a user', signedIn],
  ['an API key', (rights) => ({ kind: 'api-key', subject: 'k1', issuer: 'api-key', owner: 'team', ...rights })],
];

test.each(KINDS)(
  'of %s, @requiresScopes needs all scopes of one list, and a role policy the role',
  async (_kind, by) => {
    const runQuery = async (scopes: readonly string[], roles: readonly string[] = []) =>
      (await gatewayFor(by({ scopes, roles })).query('{ read chair }')).data;
    expect(await runQuery([])).toEqual({ read: null, chair: null });
    expect(await runQuery(['club:read'])).toEqual({ read: null, chair: null });
    expect(await runQuery(['club:list', 'club:read'])).toEqual({ read: 'read', chair: null });
    expect(await runQuery(['club:admin'], ['chair'])).toEqual({ read: 'read', chair: 'chair' });
  },
);

test('a guard decides on the value of the row, and returns nothing of a denied one', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  const diary = defineBackend<any>()({
    name: 'diary',
    typeDefs: { file: import.meta.filename, text: 'type Query { entry: Entry }  type Entry { by: ID!  text: String }' },
    resolvers: {
      Query: {
        entry: guard(
          () => ({ by: 'ada', text: 'Dear diary' }),
          ({ by }, { principal }: { principal: ReturnType<typeof signedIn> }) =>
            principal.kind === 'user' && principal.subject === by,
        ),
      },
    },
  });
  const runQuery = (options: object) => testBackend(diary, {}, options).query('{ entry { text } }');
  expect((await runQuery({ principal: signedIn({ subject: 'ada' }) })).data).toEqual({ entry: { text: 'Dear diary' } });
  expect((await runQuery({ principal: signedIn({ subject: 'bob' }) })).errors).toMatchObject([
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  expect((await runQuery({})).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});
