import { createHash } from 'node:crypto';
import { defineBackend } from 'tributary/backend';
import { describe, expect, test } from 'vitest';
import { DocumentList } from '../../src/graph/limits/trusted/document-list.ts';
import type { UntrustedDocument } from '../../src/graph/limits/trusted/trusted-documents.ts';
import { type Asked, servedGateway } from '../support/gateway/served-gateway.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const PRODUCT = 'query Product($id: ID!) { product(id: $id) }';
const RENAME = 'mutation Rename { rename }';
const FOR_WEB = 'query Web { product(id: "w") }';
const TICKS = 'subscription Ticks { ticks }';
const INVALID = 'query Gone { gone }';
const OTHER = 'query Other { product(id: "x") }';

const DOCUMENTS = new DocumentList([
  { manifest: new Map(Object.entries({ p1: PRODUCT, r1: RENAME, t1: TICKS, g1: INVALID })), client: null, prefix: '' },
  { manifest: new Map([['w1', FOR_WEB]]), client: 'web', prefix: '' },
]);

const served = async (mode: 'only' | 'log' | null, knownOperations = true) => {
  const executed: string[] = [];
  const shop = defineBackend()({
    name: 'shop',
    typeDefs: typeDefs('type Query { product(id: ID!): String } type Mutation { rename: String }'),
    resolvers: {
      Query: {
        product: (_root, { id }) => {
          executed.push(id);
          return `product ${id}`;
        },
      },
      Mutation: { rename: () => 'renamed' },
    },
  });
  const reports: UntrustedDocument[] = [];
  const trusted =
    mode === null
      ? null
      : { documents: () => DOCUMENTS, mode, report: (untrusted: UntrustedDocument) => void reports.push(untrusted) };
  const { runQuery } = await servedGateway({ modules: [shop], trusted, knownOperations });
  const ask = async (query: string | undefined, asked: Asked = {}) => {
    // The second time over the way of known operations.
    await runQuery(query, asked);
    const { status, body } = await runQuery(query, asked);
    return [status, body.errors?.[0]?.extensions.code ?? body.data];
  };
  return { ask, runQuery, executed, reports };
};

const variables = { id: '7' };
const DATA = { product: 'product 7' };
const apq = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });

describe.each([true, false])('with the way of known operations: %s', (known) => {
  test.each<readonly [string, string | undefined, Asked]>([
    ['by the id of GraphQL over HTTP', undefined, { variables, params: { documentId: 'p1' } }],
    ['by the id of Relay', undefined, { variables, params: { doc_id: 'p1' } }],
    ['by the id of older clients', undefined, { variables, params: { id: 'p1' } }],
    ['by the hash of its text', undefined, { variables, params: { documentId: sha256(PRODUCT) } }],
    ['by the hash of a persisted query', undefined, { variables, extensions: apq(PRODUCT) }],
    ['by the hash of a persisted query with its text', PRODUCT, { variables, extensions: apq(PRODUCT) }],
    ['as text', PRODUCT, { variables }],
    ['by id, over GET', undefined, { variables, params: { documentId: 'p1' }, get: true }],
    [
      'by id, with the name of its operation',
      undefined,
      { variables, operationName: 'Product', params: { documentId: 'p1' } },
    ],
  ])('a trusted document is executed if it is requested %s', async (_how, query, asked) => {
    const { ask, executed, reports } = await served('only', known);
    expect(await ask(query, asked)).toEqual([200, DATA]);
    expect([executed, reports]).toEqual([['7', '7'], []]);
  });

  test.each<readonly [string, string | undefined, Asked, string]>([
    ['as text', OTHER, {}, sha256(OTHER)],
    ['as a trusted text with one more blank', `${PRODUCT} `, { variables }, sha256(`${PRODUCT} `)],
    ['by an unknown id', undefined, { params: { documentId: 'p2' } }, 'p2'],
    ['by the name of a property of objects', undefined, { params: { documentId: '__proto__' } }, '__proto__'],
    ['by the hash of a persisted query', undefined, { extensions: apq(OTHER) }, sha256(OTHER)],
    ['to register it as a persisted query', OTHER, { extensions: apq(OTHER) }, sha256(OTHER)],
    ['as text beside the id of a trusted one', OTHER, { params: { documentId: 'p1' } }, sha256(OTHER)],
    ['for another client', undefined, { params: { documentId: 'w1' } }, 'w1'],
    ['for another client, as text', FOR_WEB, { headers: { 'apollographql-client-name': 'app' } }, sha256(FOR_WEB)],
    [
      'that asks for the schema',
      '{ __schema { queryType { name } } }',
      {},
      sha256('{ __schema { queryType { name } } }'),
    ],
  ])('a document that is requested %s is refused without execution', async (_how, query, asked, id) => {
    const { ask, executed, reports } = await served('only', known);
    expect(await ask(query, asked)).toEqual([403, 'DOCUMENT_NOT_TRUSTED']);
    expect(executed).toEqual([]);
    expect(reports.map((report) => [report.id, report.isRefused])).toEqual([
      [id, true],
      [id, true],
    ]);
  });

  test('a document of one client is executed for that client', async () => {
    const { ask } = await served('only', known);
    const headers = { 'apollographql-client-name': 'web' };
    expect(await ask(undefined, { headers, params: { documentId: 'w1' } })).toEqual([200, { product: 'product w' }]);
    expect(await ask(undefined, { headers, variables, params: { documentId: 'p1' } })).toEqual([200, DATA]);
  });

  test.each<readonly [string, Asked, readonly [number, string]]>([
    ['a mutation over GET', { get: true, params: { documentId: 'r1' } }, [405, 'METHOD_NOT_ALLOWED']],
    ['a subscription', { params: { documentId: 't1' } }, [400, 'BAD_REQUEST']],
    ['a field that is not in the schema', { params: { documentId: 'g1' } }, [400, 'GRAPHQL_VALIDATION_FAILED']],
    ['variables that do not fit', { params: { documentId: 'p1' } }, [400, 'BAD_USER_INPUT']],
  ])('a trusted document has the checks of every other: %s', async (_what, asked, expected) => {
    const { ask } = await served('only', known);
    expect(await ask(undefined, asked)).toEqual(expected);
  });

  test('in the mode log another document is executed and reported, and an unknown id is refused', async () => {
    const { ask, reports } = await served('log', known);
    expect(await ask(OTHER, { headers: { 'apollographql-client-name': 'app' } })).toEqual([
      200,
      { product: 'product x' },
    ]);
    expect(reports[0]).toEqual({ id: sha256(OTHER), operationName: null, client: 'app', isRefused: false });
    expect(await ask(undefined, { params: { documentId: 'p2' } })).toEqual([403, 'DOCUMENT_NOT_TRUSTED']);
    expect(await ask(undefined, { extensions: apq(OTHER) })).toEqual([200, 'PERSISTED_QUERY_NOT_FOUND']);
    expect(await ask(OTHER, { extensions: apq(OTHER) })).toEqual([200, { product: 'product x' }]);
    expect(await ask(undefined, { extensions: apq(OTHER) })).toEqual([200, { product: 'product x' }]);
  });

  test('without manifests an id is refused with a message that says so', async () => {
    const { runQuery } = await served(null, known);
    const { status, body } = await runQuery(undefined, { params: { documentId: 'p1' } });
    expect([status, body.errors[0].message]).toEqual([
      400,
      '"query" is missing: the gateway has no documents with ids.',
    ]);
  });
});

test('an id that is no text, and a request without text and id, are refused', async () => {
  const { runQuery } = await served('only');
  const { status, body } = await runQuery(undefined, { params: { documentId: '' } });
  expect([status, body.errors[0].message]).toEqual([400, '"query" is missing.']);
  const list = await runQuery(undefined, { params: { documentId: ['p1'] as unknown as string } });
  expect([list.status, list.body.errors[0].message]).toEqual([400, '"documentId" must be a string.']);
});
