/** graphql-yoga on node:http over one plain schema with DataLoader. */
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { openCalls } from './shared/calls.ts';
import { PORT } from './shared/environment.ts';
import { contextOf, resolvers, typeDefs } from './shared/plain-schema.ts';

const calls = openCalls();

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: () => contextOf(calls),
  graphiql: false,
  logging: false,
});

createServer(yoga).listen(PORT, '127.0.0.1');
