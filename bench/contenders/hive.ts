/**
 * Hive Gateway's runtime with its JIT, over a supergraph composed of the four modules. They are executed in this process by a
 * transport of its own kind: no network lies between the gateway and them, which is the best case for it.
 */
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeSubgraphs } from '@graphql-mesh/fusion-composition';
import { useJIT } from '@graphql-mesh/plugin-jit';
import { createDefaultExecutor } from '@graphql-tools/delegate';
import { openCalls } from './shared/calls.ts';
import { PORT } from './shared/environment.ts';
import { SUBGRAPHS, subgraphsOver } from './shared/subgraphs.ts';

const schemas = subgraphsOver(openCalls());
const composed = composeSubgraphs(SUBGRAPHS.map((name) => ({ name, schema: schemas[name] })));
if (composed.errors !== undefined) throw new AggregateError(composed.errors, 'The modules do not compose.');

const executors = new Map<string, ReturnType<typeof createDefaultExecutor>>(
  SUBGRAPHS.map((name) => [name.toUpperCase(), createDefaultExecutor(schemas[name])]),
);

const gateway = createGatewayRuntime({
  supergraph: composed.supergraphSdl,
  transports: () => ({
    getSubgraphExecutor: ({ subgraphName }: { readonly subgraphName: string }) => {
      const executor = executors.get(subgraphName.toUpperCase());
      if (executor === undefined) throw new Error(`There is no module ${subgraphName}.`);
      return executor;
    },
  }),
  plugins: () => [useJIT()],
  logging: 'error',
  graphiql: false,
  landingPage: false,
  maskedErrors: false,
});

createServer(gateway).listen(PORT, '127.0.0.1');
