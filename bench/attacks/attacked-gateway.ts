import { systemClock } from '../../src/core/clock.ts';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { createPublicListener } from '../../src/http/graphql/public-listener.ts';
import { signedIn } from '../../src/testing/signed-in.ts';
import { trusting } from '../../test/support/auth/authenticators.ts';
import { define, typeDefs } from '../../test/support/modules/small-modules.ts';

const TYPES = 20;

/** Limit of the costs of the attacked gateway. */
export const MAX_COST = 10_000;

const entityTypes = Array.from(
  { length: TYPES },
  (_, n) => `type T${n} implements Entity {
    id: ID!  owner: Entity
    related(first: Int! = 10): [Entity!]! @listSize(slicingArguments: ["first"])
  }`,
).join('\n');

const PLAIN_TYPES = 60;

const plainTypes = Array.from(
  { length: PLAIN_TYPES },
  (_, n) => `type P${n} { item: Item  entity: Entity  text(first: Int, last: Int, after: ID): String  same: P${n} }`,
).join('\n');

const plainFields = Array.from({ length: PLAIN_TYPES }, (_, n) => `p${n}: P${n}`).join('  ');

const row = (first: number) => Array.from({ length: first }, () => ({ id: '1', __typename: 'T0' }));

const item = { id: '1' };

/** Recursive types, lists, and an interface of 20 types: what attacks need. */
const module = define({
  name: 'attacked',
  typeDefs: typeDefs(`
    interface Entity { id: ID!  owner: Entity  related(first: Int! = 10): [Entity!]! }
    ${entityTypes}
    ${plainTypes}
    type Item {
      id: ID!  name: String  self: Item  entity: Entity
      items(first: Int! = 10): [Item!]! @listSize(slicingArguments: ["first"])
    }
    type Query {
      ${plainFields}
      item(text: String, ids: [Int!]): Item
      items(first: Int! = 10): [Item!]! @listSize(slicingArguments: ["first"])
    }`),
  resolvers: {
    Query: {
      ...Object.fromEntries(Array.from({ length: PLAIN_TYPES }, (_, n) => [`p${n}`, () => null])),
      item: () => item,
      items: (_root: unknown, { first }: { first: number }) => row(first),
    },
    Item: {
      self: () => item,
      entity: () => ({ id: '1', __typename: 'T0' }),
      items: (_row: unknown, { first }: { first: number }) => row(first),
    },
    ...Object.fromEntries(
      Array.from({ length: TYPES }, (_, n) => [
        `T${n}`,
        {
          owner: () => ({ id: '1', __typename: 'T1' }),
          related: (_row: unknown, { first }: { first: number }) => row(first),
        },
      ]),
    ),
  },
});

/** Starts a gateway with introspection and a limit of costs on a free port. */
export const attackedGateway = async () => {
  const gateway = buildGateway({
    modules: [module],
    connect: () => async () => ({ status: 200, headers: {}, size: 0, value: null }),
    introspection: true,
    costLimit: { max: MAX_COST, mode: 'enforce', report: () => {} },
  });
  await gateway.start();
  const listener = createPublicListener({
    gateway,
    clock: systemClock,
    authenticator: trusting((subject) => signedIn({ subject })),
    config: { requestTimeoutMs: 30_000, maxBodyBytes: 1_048_576, corsOrigins: [], explorer: false },
    readiness: () => true,
    log: { warn: () => {}, error: () => {} },
  });
  const origin = await listener.listen({ port: 0, host: '127.0.0.1' });
  return {
    send: async (body: Readonly<Record<string, unknown>>) => {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, text: await response.text() };
    },
    close: async () => {
      listener.server.closeAllConnections();
      await listener.close();
      await gateway.stop();
    },
  };
};
