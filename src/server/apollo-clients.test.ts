import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PublicRig, publicRig } from './test-support/public-rig.ts';

const sha256 = (query: string): string => createHash('sha256').update(query).digest('hex');

/** How a client asks by GET, with persisted queries. */
interface Client {
  readonly headers: Readonly<Record<string, string>>;
  /** The parameters, in the order it sends them; with the document or without. */
  params(operationName: string, query: string, withQuery: boolean): Readonly<Record<string, string>>;
}

const ACCEPT_DEFER = 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9';

const extensions = (query: string, clientLibrary?: object) =>
  JSON.stringify({ clientLibrary, persistedQuery: { version: 1, sha256Hash: sha256(query) } });

const CLIENTS: Readonly<Record<string, Client>> = {
  // @apollo/client: createPersistedQueryLink({ useGETForHashedQueries: true }) before an HttpLink.
  'Apollo Client for the web': {
    headers: {
      accept: 'application/graphql-response+json,application/json;q=0.9',
      'content-type': 'application/json',
      'apollographql-client-name': 'web',
      'apollographql-client-version': '1.0',
    },
    params: (operationName, query, withQuery) => ({
      ...(withQuery ? { query } : {}),
      operationName,
      variables: '{}',
      extensions: extensions(query, { name: '@apollo/client', version: '4.0.0' }),
    }),
  },
  // apollo-ios with useGETForPersistedQueryRetry; no body, hence no content-type.
  'Apollo iOS': {
    headers: {
      accept: ACCEPT_DEFER,
      'apollographql-client-name': 'test.shop-apollo-ios',
      'apollographql-client-version': '7.1-42',
      'x-apollo-operation-name': 'Greet',
      'x-apollo-operation-type': 'query',
    },
    params: (operationName, query, withQuery) => ({
      extensions: extensions(query, { name: 'apollo-ios', version: '2.0.0' }),
      operationName,
      ...(withQuery ? { query } : {}),
      variables: '{}',
    }),
  },
  // apollo-kotlin: autoPersistedQueries(); no body, hence no content-type, and a header of its own against CSRF.
  'Apollo Kotlin': {
    headers: { accept: ACCEPT_DEFER, 'apollo-require-preflight': 'true', 'x-apollo-operation-name': 'Greet' },
    params: (operationName, query, withQuery) => ({
      operationName,
      variables: '{}',
      ...(withQuery ? { query } : {}),
      extensions: extensions(query),
    }),
  },
};

let rig: PublicRig;
beforeAll(async () => {
  rig = await publicRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

describe.each(Object.entries(CLIENTS))('%s', (name, { headers, params }) => {
  const query = `query Greet { hello } # ${name}`;
  const get = (withQuery: boolean) =>
    fetch(`${rig.origin}/graphql?${new URLSearchParams(params('Greet', query, withQuery))}`, { headers });

  test('asks by GET with a hash, is told that it is not known, sends the query once, and never again', async () => {
    const unknown = await get(false);
    expect(unknown.status).toBe(200);
    expect(unknown.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/);
    // What the client compares with.
    expect(await unknown.json()).toMatchObject({
      errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
    expect(await (await get(true)).json()).toEqual({ data: { hello: 'world' } });
    expect(await (await get(false)).json()).toEqual({ data: { hello: 'world' } });
  });

  test('that a hash is not known is for no cache to keep', async () => {
    const other = { ...params('Greet', `${query} again`, false) };
    const answer = await fetch(`${rig.origin}/graphql?${new URLSearchParams(other)}`, { headers });
    expect(answer.headers.get('cache-control')).toMatch(/no-store|no-cache/);
  });
});

test('Apollo Kotlin falls back to POST with the hash beside the query, as the others can be told to', async () => {
  const query = 'mutation Count { count }';
  const answer = await fetch(`${rig.origin}/graphql`, {
    method: 'POST',
    headers: { accept: ACCEPT_DEFER, 'content-type': 'application/json', 'x-apollo-operation-name': 'Count' },
    body: JSON.stringify({
      operationName: 'Count',
      variables: {},
      query,
      extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } },
    }),
  });
  expect(await answer.json()).toEqual({ data: { count: 1 } });
});

test('the operation’s name in a header is enough against CSRF, as Apollo’s clients rely on', async () => {
  const url = `${rig.origin}/graphql?query={hello}`;
  expect((await fetch(url, { headers: { 'x-apollo-operation-name': 'Greet' } })).status).toBe(200);
  expect((await fetch(url)).status).toBe(400);
});
