/** mercurius with its JIT on from the first request, over one plain schema with DataLoader. */
import fastify from 'fastify';
import mercurius from 'mercurius';
import { openCalls } from './shared/calls.ts';
import { PORT } from './shared/environment.ts';
import { contextOf, resolvers, typeDefs } from './shared/plain-schema.ts';

const calls = openCalls();
const app = fastify();

await app.register(mercurius, {
  schema: typeDefs,
  // The context's own type is a module's to augment; this one belongs to the shared resolvers.
  resolvers: resolvers as unknown as mercurius.IResolvers,
  context: () => ({ ...contextOf(calls) }),
  jit: 1,
});

await app.listen({ port: PORT, host: '127.0.0.1' });
