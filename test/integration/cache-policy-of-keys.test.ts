import { Kind, parse } from 'graphql';
import { rest, type SchemaModule } from 'tributary/backend';
import { expect, test } from 'vitest';
import { cacheKnowledge } from '../../src/graph/apollo/operation-cache.ts';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { cachePolicyOf } from '../../src/graph/directives/cache-policy.ts';
import { plain } from '../support/modules/small-modules.ts';

const policyOf = (text: string, ...modules: readonly SchemaModule[]) => {
  const { composition, graph } = composeGraph(modules);
  const document = parse(text);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const { maxAge, isPrivate } = cachePolicyOf(cacheKnowledge(composition, graph.schema), document, operation);
  return { maxAge, isPrivate };
};

const personal = (module: SchemaModule): SchemaModule => ({
  ...module,
  upstreams: { api: rest({ forward: { identity: 'token' } }) },
});

const shop = plain('shop', 'type Query { user: User @cacheControl(maxAge: 60) } type User { id: ID! }', {});

/** Knows the login of a user by the id. */
const logins = (hint = '') =>
  plain('logins', `type User @cacheControl(maxAge: 50) { id: ID!  login: String ${hint} }`, {
    merge: { User: { key: 'id' } },
    resolvers: { User: { login: () => 'ada' } },
  });

const badges = plain('badges', 'type User @cacheControl(maxAge: 40) { login: String  badge: String }', {
  merge: { User: { key: 'login' } },
  resolvers: { User: { badge: () => 'gold' } },
});

const QUERY = '{ user { badge } }';

test('a key that a third module provides counts with its hints, and with what that module receives', () => {
  expect(policyOf(QUERY, shop, logins(), badges)).toEqual({ maxAge: 40, isPrivate: false });
  expect(policyOf(QUERY, shop, logins('@cacheControl(maxAge: 5)'), badges)).toEqual({ maxAge: 5, isPrivate: false });
  expect(policyOf(QUERY, shop, logins('@cacheControl(scope: PRIVATE)'), badges).isPrivate).toBe(true);
  expect(policyOf(QUERY, shop, personal(logins()), badges)).toEqual({ maxAge: 40, isPrivate: true });
});

test('a key that a third module provides for a needed field counts, too', () => {
  const labels = plain('labels', 'type User @cacheControl(maxAge: 30) { id: ID!  label: String }', {
    merge: { User: { key: 'id', needs: { label: ['badge'] } } },
    resolvers: { User: { label: () => '' } },
  });
  expect(policyOf('{ user { label } }', shop, logins(), badges, labels)).toEqual({ maxAge: 30, isPrivate: false });
  expect(policyOf('{ user { label } }', shop, personal(logins()), badges, labels).isPrivate).toBe(true);
});

test('a private key of the row counts if a join receives it', () => {
  const mine = plain(
    'shop',
    'type Query { user: User @cacheControl(maxAge: 60) } type User { id: ID!  login: String @cacheControl(scope: PRIVATE) }',
    { merge: { User: { key: 'login' } } },
  );
  expect(policyOf('{ user { id } }', mine, badges).isPrivate).toBe(false);
  expect(policyOf(QUERY, mine, badges)).toEqual({ maxAge: 40, isPrivate: true });
});

test('a module that has a key only to be joined by it does not count', () => {
  const visits = personal(
    plain('visits', 'type User { login: String  visits: Int }', {
      merge: { User: { key: 'login' } },
      resolvers: { User: { visits: () => 1 } },
    }),
  );
  expect(policyOf(QUERY, shop, logins(), badges, visits)).toEqual({ maxAge: 40, isPrivate: false });
});

test('another key that the row has counts alone', () => {
  const both = plain('badges', 'type User @cacheControl(maxAge: 40) { id: ID!  login: String  badge: String }', {
    merge: { User: { keys: [{ key: 'login' }, { key: 'id' }] } },
    resolvers: { User: { badge: () => 'gold' } },
  });
  expect(policyOf(QUERY, shop, personal(logins()), both)).toEqual({ maxAge: 40, isPrivate: false });
});
