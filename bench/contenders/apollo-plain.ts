/** Apollo Server's own standalone server with its defaults over one plain schema with DataLoader. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { openCalls } from './shared/calls.ts';
import { PORT } from './shared/environment.ts';
import { type Context, contextOf, resolvers, typeDefs } from './shared/plain-schema.ts';

const calls = openCalls();

await startStandaloneServer(new ApolloServer<Context>({ typeDefs, resolvers }), {
  listen: { port: PORT, host: '127.0.0.1' },
  context: async () => contextOf(calls),
});
