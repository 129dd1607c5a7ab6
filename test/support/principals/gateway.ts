import type { Server } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { openAuthentication } from '../../../src/app/identity/authentication.ts';
import { connectAll, requiredEndpoints } from '../../../src/app/upstream-registry.ts';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { memoryStore } from '../../../src/cache/memory.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import { createPublicListener } from '../../../src/http/graphql/public-listener.ts';
import { silentLog } from '../../../src/telemetry/log/log.ts';
import { type Counts, counting, countingCalls } from './counting.ts';

/** A gateway as the program has it, on a free local port. */
export interface WatchedGateway {
  readonly origin: string;
  readonly schema: GraphQLSchema;
  readonly counts: Readonly<Counts>;
  /** Maximum number of concurrent requests. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

const watchRequests = (server: Server): (() => number) => {
  let [now, most] = [0, 0];
  server.on('request', (request, response) => {
    if (request.url !== '/graphql') return;
    now += 1;
    most = Math.max(most, now);
    response.once('close', () => {
      now -= 1;
    });
  });
  return () => most;
};

/** @param env endpoints of the modules' upstreams, and issuers */
export const startWatchedGateway = async (
  modules: readonly SchemaModule[],
  env: Readonly<Record<string, string>>,
): Promise<WatchedGateway> => {
  const { settings, required } = readConfig(env, requiredEndpoints(modules));
  const upstreams = connectAll(modules, required, { clock: systemClock, connectTimeoutMs: 60_000 });
  const counts: Counts = { operationHits: 0, entityHits: 0, calls: 0 };
  const store = memoryStore(systemClock);
  const gateway = buildGateway({
    modules,
    connect: (module, upstream) => countingCalls(upstreams.connect(module, upstream), counts),
    store: counting(store, counts),
  });
  await gateway.start();
  const authenticator = openAuthentication(settings, { clock: systemClock, log: silentLog });
  const app = createPublicListener({
    gateway,
    clock: systemClock,
    authenticator,
    readiness: () => true,
    log: silentLog,
    config: { requestTimeoutMs: 110_000, maxBodyBytes: settings.MAX_BODY_BYTES, corsOrigins: [], explorer: false },
  });
  const mostAtOnce = watchRequests(app.server);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    origin,
    schema: gateway.schema,
    counts,
    mostAtOnce,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
      authenticator.close();
      await gateway.stop();
      await upstreams.close();
      await store.close();
    },
  };
};
