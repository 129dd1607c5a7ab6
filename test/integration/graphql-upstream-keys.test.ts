import { join } from 'node:path';
import { defineBackend, graphql, loaded, remote, remoteBatch, type SchemaModule } from 'tributary/backend';
import { scripted } from 'tributary/testing';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { scriptedSend } from '../../src/testing/scripted-send.ts';
import { anonymousRequest, EXECUTIONS, type Execution, paramsOf } from '../support/gateway/executed.ts';
import { folderWith } from '../support/modules/module-folder.ts';

const SERVICE = `
  type Query { lines: [Line!]!, offers(keys: [Key!]!): [Offer]!, shops(ids: [ID!]!): [Shop]! }
  input Key { sku: ID!, region: String! }
  type Line { id: ID!, shopId: ID, count: Int! }
  type Offer { sku: ID!, region: String!, price: Int!, fees(of: String): Int }
  type Shop { id: ID!, name: String! }
`;

const SDL = `
  type Query { lines: [Line!]! }
  type Line { id: ID!, shopId: ID, shop: Shop }
  type Offer { sku: ID!, region: String!, price: Int, fees(of: String): Int }
  type Shop { id: ID!, name: String! }
`;

const module = (by: 'field' | 'entities'): SchemaModule =>
  defineBackend()({
    name: 'offers',
    typeDefs: { text: SDL, file: join(folderWith({ 's.graphql': SERVICE }), 'schema.graphql') },
    upstreams: { service: graphql({ schema: './s.graphql' }) },
    loaders: () => ({
      shopById: remoteBatch('service', { field: 'shops', argument: 'ids' }),
      offerByKey:
        by === 'field'
          ? remoteBatch('service', { field: 'offers', argument: 'keys', key: ['sku', 'region'] })
          : remoteBatch('service', { entities: 'Offer', key: ['sku', 'region'] }),
    }),
    merge: { Offer: { key: ['sku', 'region'], load: 'offerByKey' } },
    resolvers: { Query: { lines: remote('service') }, Line: { shop: loaded('shopById', 'shopId') } },
  });

const shelf = (): SchemaModule =>
  defineBackend()({
    name: 'shelf',
    typeDefs: {
      text: 'type Query { shelf: [Offer!]! } type Offer { sku: ID!, region: String! }',
      file: join(folderWith({}), 'schema.graphql'),
    },
    merge: { Offer: { key: ['sku', 'region'] } },
    resolvers: { Query: { shelf: () => [1, 2].map((n) => ({ sku: `s${n}`, region: 'eu' })) } },
  });

const offer = ({ sku, region }: { sku: string; region: string }) =>
  sku === 's2' ? { sku, region, price: 7, fees: 1 } : null;

const asking = (execution: Execution, by: 'field' | 'entities') => {
  const sent: { query: string; variables: unknown }[] = [];
  const script = scripted().graphql({
    Query: {
      lines: () => [
        { id: 'l1', shopId: 'a', count: 1 },
        { id: 'l2', shopId: null, count: 1 },
        { id: 'l3', shopId: 'b', count: 1 },
      ],
      shops: (_root, { ids }) => ids.toReversed().map((id: string) => ({ id, name: `Shop ${id}` })),
      offers: (_root, { keys }) => keys.map(offer),
    },
    Offer: { __resolveReference: offer },
  });
  const gateway = buildGateway({
    modules: [module(by), shelf()],
    execution,
    introspection: true,
    connect: (owner, _name, definition) => {
      const send = scriptedSend(script, owner, definition, ({ route }) => new Error(route));
      return (call) => {
        if (call.message.protocol === 'rest') sent.push(JSON.parse(String(call.message.body)));
        return send(call);
      };
    },
  });
  const started = gateway.start();
  return {
    sent,
    runQuery: async (query: string) => {
      await started;
      return (await gateway.execute(paramsOf(query), anonymousRequest())).data;
    },
  };
};

test.each(EXECUTIONS)(
  '%s: a loaded field of rows of a service requests its key, and one operation for all rows',
  async (execution) => {
    const { runQuery, sent } = asking(execution, 'field');
    expect(await runQuery('{ lines { id shop { name } } }')).toEqual({
      lines: [
        { id: 'l1', shop: { name: 'Shop a' } },
        { id: 'l2', shop: null },
        { id: 'l3', shop: { name: 'Shop b' } },
      ],
    });
    expect(sent.map(({ query, variables }) => [query, variables])).toEqual([
      ['query lines { lines { id shopId } }', {}],
      ['query shops($keys: [ID!]!) { shops(ids: $keys) { key__0: id ... on Shop { name } } }', { keys: ['a', 'b'] }],
    ]);
  },
);

test.each(EXECUTIONS)('%s: composite keys are sent and matched by their fields', async (execution) => {
  const data = {
    shelf: [
      { sku: 's1', price: null, fees: null },
      { sku: 's2', price: 7, fees: 1 },
    ],
  };
  const keys = [
    { sku: 's1', region: 'eu' },
    { sku: 's2', region: 'eu' },
  ];
  const byField = asking(execution, 'field');
  expect(await byField.runQuery('{ shelf { sku price fees(of: "x") } }')).toEqual(data);
  expect(byField.sent.map(({ variables }) => variables)).toEqual([{ keys, v0: 'x' }]);
  const byEntity = asking(execution, 'entities');
  expect(await byEntity.runQuery('{ shelf { sku price fees(of: "x") } }')).toEqual(data);
  expect(byEntity.sent.map(({ variables }) => variables)).toEqual([
    { keys: keys.map((key) => ({ __typename: 'Offer', ...key })), v0: 'x' },
  ]);
});
