import { scalar } from 'tributary/backend';
import { tokenAuthenticator } from '../../src/auth/tokens/token-authenticator.ts';
import { systemClock } from '../../src/core/clock.ts';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { createPublicListener } from '../../src/http/graphql/public-listener.ts';
import { type ListeningApp, listeningApp } from '../support/http/listening-app.ts';
import { silent } from '../support/http/public-rig.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

/** Types, directives and inputs of every kind, so that a random document meets each of them. */
const fuzzed = define({
  name: 'fuzzed',
  typeDefs: typeDefs(`
    scalar Any
    enum Size { SMALL LARGE }
    interface Node { id: ID! }
    type Item implements Node { id: ID!  name: String  size: Size  tags: [String!]  parent: Item  items(first: Int = 2): [Item!] }
    type Box implements Node { id: ID!  weight: Float }
    union Thing = Item | Box
    input Filter { size: Size  ids: [ID!]  text: String @constraint(maxLength: 20)  not: Filter  any: Any }
    type Query {
      hello: String
      item(id: ID!): Item
      items(first: Int = 3, filter: Filter): [Item!] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
      things(filter: Filter): [Thing]
      node(id: ID): Node
      any(value: Any): Any
      own: String @authenticated
      limited: Int @rateLimit(limit: 1000000, duration: 60)
    }
    type Mutation { change(filter: Filter!, at: Float): Item }`),
  resolvers: {
    Query: {
      hello: () => 'world',
      item: (_root, { id }) => ({ id, name: 'one', size: 'SMALL', tags: ['a'] }),
      items: (_root, { first }) => Array.from({ length: Math.min(Math.max(first, 0), 5) }, (_, n) => ({ id: `i${n}` })),
      things: () => [{ __typename: 'Item', id: '1' }, { __typename: 'Box', id: '2', weight: 1.5 }, null],
      node: (_root, { id }) => (typeof id === 'string' ? { __typename: 'Box', id, weight: 2 } : null),
      any: (_root, { value }) => value ?? null,
      own: () => 'own',
      limited: () => 1,
    },
    Mutation: { change: () => ({ id: 'c', name: 'changed' }) },
    Any: scalar({ parse: (value) => value, serialize: (value) => value }),
    Item: { parent: () => null, items: () => [] },
  },
});

/** Errors that a gateway has logged, with the gateway. */
export interface FuzzedGateway extends ListeningApp {
  /** Each is a defect. */
  readonly errors: readonly unknown[];
}

/** Starts a gateway on a free port. */
export const fuzzedGateway = async (): Promise<FuzzedGateway> => {
  const errors: unknown[] = [];
  const log = { warn: () => {}, error: (message: string, fields?: object) => void errors.push({ message, ...fields }) };
  const gateway = buildGateway({
    modules: [fuzzed],
    connect: () => () => Promise.reject(new Error('No upstream.')),
    log,
  });
  await gateway.start();
  const app = createPublicListener({
    gateway,
    clock: systemClock,
    authenticator: tokenAuthenticator({ issuers: [], clock: systemClock, log: silent }),
    config: { requestTimeoutMs: 30_000, maxBodyBytes: 65_536, maxBatchOperations: 5, corsOrigins: [], explorer: false },
    readiness: () => true,
    log,
  });
  const listening = await listeningApp(app, gateway);
  return { ...listening, errors };
};
