import type { FastifyInstance } from 'fastify';
import { createVerifier, type Verifier } from '../auth/verifier.ts';
import type { Clock } from '../clock.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import type { AccessEntry } from './access-log.ts';
import type { ClientLimit } from './client-limit.ts';
import { addCompression } from './compression.ts';
import { addCors, isPreflight } from './cors.ts';
import { addExplorer } from './explorer/explorer.ts';
import type { GraphQLGateway } from './gateway-port.ts';
import { addGraphQLRoute, GRAPHQL_PATH } from './graphql-route.ts';
import { createListener, nothingHere, refuseUnknownRoutes, type UnknownRoute } from './listener.ts';
import type { Log } from './log.ts';
import { type MemoryInFlight, memoryInFlight } from './memory-in-flight.ts';
import { countStreamedBytes } from './observe-requests.ts';
import { addProbes } from './probes.ts';
import { refusal } from './refusal.ts';

export interface PublicListenerConfig {
  /** From the end of receiving a request to its answer. */
  readonly requestTimeoutMs: number;
  readonly maxBodyBytes: number;
  /** Origins whose pages may read answers; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** Whether browsers are shown an explorer at /graphql and /graphiql. */
  readonly explorer: boolean;
  /** The operation an explorer starts with. Default: none. */
  readonly exampleQuery?: string;
  /** Addresses or CIDRs of the proxies with trusted forwarding headers. Default: none. */
  readonly trustedProxies?: readonly string[];
}

export interface PublicListenerOptions {
  readonly gateway: GraphQLGateway;
  readonly clock: Clock;
  /** Default: one that knows no issuer, and refuses every token. */
  readonly verifier?: Verifier;
  /** How many requests one client may send. Default: any number. */
  readonly clientLimit?: ClientLimit | undefined;
  /** Default: without a bound. */
  readonly memory?: MemoryInFlight;
  readonly config: PublicListenerConfig;
  /** Whether traffic is welcome. */
  readonly readiness: () => boolean;
  readonly log: Log;
  /** Default: goes nowhere. */
  readonly telemetry?: Telemetry;
  /** Gets a line for every request that has ended. Default: nobody does. */
  readonly access?: (entry: AccessEntry) => void;
}

const unknownRoute: UnknownRoute = (request) => {
  if (isPreflight(request)) return refusal('FORBIDDEN', '');
  const [path] = request.url.split('?', 1);
  return path === GRAPHQL_PATH
    ? refusal('METHOD_NOT_ALLOWED', 'Use GET or POST.', { headers: { allow: 'GET, POST' } })
    : nothingHere(request);
};

/** The listener that clients talk to: /graphql, probes and, where it is on, the explorer. Not listening yet. */
export const createPublicListener = (options: PublicListenerOptions): FastifyInstance => {
  const { gateway, clock, config, readiness, log } = options;
  const { verifier = createVerifier({ issuers: [], clock, log }) } = options;
  const { maxBodyBytes, requestTimeoutMs, trustedProxies = [] } = config;
  const { memory = memoryInFlight(Number.POSITIVE_INFINITY, clock) } = options;
  const { telemetry = noTelemetry, access = () => {} } = options;
  const observe = { telemetry, clock, access };
  const app = createListener({ clock, log, maxBodyBytes, readiness, trustedProxies, unknownRoute, observe });
  addCors(app, config.corsOrigins, unknownRoute);
  refuseUnknownRoutes(app, unknownRoute);
  addProbes(app, readiness);
  addCompression(app);
  // Once compression is loaded, which sees only routes that come after it.
  app.after(() => {
    countStreamedBytes(app);
    if (config.explorer) addExplorer(app, { exampleQuery: config.exampleQuery ?? '' });
    addGraphQLRoute(app, {
      gateway,
      clock,
      verifier,
      memory,
      clientLimit: options.clientLimit,
      requestTimeoutMs,
    });
  });
  return app;
};
