/** Apollo Server's own standalone server over stitchSchemas: batched type merging by hand, cache control off. */
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { stitchSchemas } from '@graphql-tools/stitch';
import { openCalls } from './shared/calls.ts';
import { PORT } from './shared/environment.ts';
import { subgraphsOver } from './shared/subgraphs.ts';

const { orders, accounts, catalog, inventory } = subgraphsOver(openCalls());

const byIds = (fieldName: string) => ({
  selectionSet: '{ id }',
  fieldName,
  key: ({ id }: { readonly id: string }) => id,
  argsFromKeys: (ids: readonly string[]) => ({ ids }),
});

const schema = stitchSchemas({
  subschemas: [
    { schema: orders },
    { schema: accounts, merge: { Customer: byIds('customersByIds') } },
    { schema: catalog, merge: { Product: byIds('productsByIds') } },
    { schema: inventory, merge: { Product: byIds('productsByIds') } },
  ],
});

await startStandaloneServer(new ApolloServer({ schema, plugins: [ApolloServerPluginCacheControlDisabled()] }), {
  listen: { port: PORT, host: '127.0.0.1' },
  // A fresh context for each request: batching and loaders of stitching hang on it.
  context: async () => ({}),
});
