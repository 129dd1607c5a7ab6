import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { type ApolloPort, apolloPort } from '../../../src/graph/apollo/apollo.ts';
import type { RequestContext } from '../../../src/request/request-context.ts';

const typeDefs = `#graphql
  type Query {
    hello: String
    "Resolved by the test."
    slow: String
    echo(text: String!): String
    requestId: String
    header(name: String!): String
    "The principal, as JSON."
    principal: String
    orders(first: Int): [Order!]
  }
  type Mutation { count: Int }
  type Subscription { ticks: Int }
  type Order { id: ID! status: String! }
`;

/** A gateway that counts mutations. The test resolves its field `slow`. */
export interface TestGateway extends ApolloPort {
  /** Contexts of requests that reached the slow field, in order of arrival. */
  readonly slowRequests: RequestContext[];
  /** Resolves when the next request reaches the slow field. */
  slowArrived(): Promise<RequestContext>;
  answerSlow(text: string): void;
  mutations(): number;
}

/** Creates a real Apollo Server over a small schema. */
export const testGateway = async (): Promise<TestGateway> => {
  const slowRequests: RequestContext[] = [];
  const answers: ((text: string) => void)[] = [];
  let arrived = Promise.withResolvers<RequestContext>();
  let count = 0;
  const apollo = new ApolloServer<RequestContext>({
    typeDefs,
    includeStacktraceInErrorResponses: false,
    introspection: true,
    plugins: [ApolloServerPluginCacheControlDisabled()],
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: 1_000 },
    resolvers: {
      Query: {
        hello: () => 'world',
        echo: (_root: unknown, { text }: { text: string }) => text,
        requestId: (_root: unknown, _args: unknown, context: RequestContext) => context.requestId,
        header: (_root: unknown, { name }: { name: string }, context: RequestContext) => context.headers[name] ?? null,
        principal: (_root: unknown, _args: unknown, context: RequestContext) => JSON.stringify(context.principal),
        orders: () => [{ id: 'o1', status: 'PAID' }],
        slow: (_root: unknown, _args: unknown, context: RequestContext) => {
          slowRequests.push(context);
          arrived.resolve(context);
          arrived = Promise.withResolvers();
          return new Promise((resolve) => answers.push(resolve));
        },
      },
      Mutation: {
        count: () => {
          count += 1;
          return count;
        },
      },
    },
  });
  const port = apolloPort(apollo);
  await port.start();
  return {
    ...port,
    slowRequests,
    slowArrived: () => arrived.promise,
    answerSlow: (text) => {
      for (const answer of answers.splice(0)) answer(text);
    },
    mutations: () => count,
  };
};
