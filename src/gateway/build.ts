import { dirname, resolve } from 'node:path';
import type { ApolloServer, ApolloServerPlugin } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import type { Backend, ReadyUpstream } from '../backend/bind.ts';
import type { SchemaModule } from '../backend/module.ts';
import type { RequestContext } from '../backend/request-context.ts';
import type { UpstreamDefinition } from '../backend/upstreams.ts';
import type { CacheStore } from '../cache/store.ts';
import { type Clock, systemClock } from '../clock.ts';
import { rateLimits } from '../directives/rate-limit.ts';
import { DEFAULT_DOCUMENT_LIMITS, type DocumentLimits } from '../document-limits/document-limits.ts';
import { MistakesError } from '../errors.ts';
import type { OpenLimiter } from '../rate-limit/limiter.ts';
import { memoryLimiters } from '../rate-limit/memory.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import type { Send } from '../upstream/call.ts';
import { loadProto } from '../upstream/grpc/proto.ts';
import { createApollo } from './apollo.ts';
import { cacheHeaders } from './cache-headers.ts';
import { compose } from './composition.ts';
import { type Run, runOn } from './execute.ts';
import { mistakesIn } from './mistakes/mistakes.ts';
import { observeOperations } from './observe-operations.ts';
import { cacheKnowledge, fingerprintOf, policiesBy, withOperationCache } from './operation-cache.ts';
import { stitchModules } from './stitch.ts';

const DEFAULT_MAX_FIELDS = 250_000;

export interface GatewayOptions {
  readonly modules: readonly SchemaModule[];
  /** The way to one upstream of a module. */
  readonly connect: (module: SchemaModule, upstream: string, definition: UpstreamDefinition) => Send;
  /** Default false. */
  readonly introspection?: boolean;
  /** How many fields one execution may resolve. Default 250,000. */
  readonly maxFields?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** What is not given is as in DEFAULT_DOCUMENT_LIMITS. */
  readonly limits?: Partial<DocumentLimits>;
  /** What counts for @rateLimit. Default: this process's memory. */
  readonly openLimiter?: OpenLimiter;
  /** Where entities, and whole answers of public operations, are kept. Default: nowhere. */
  readonly store?: CacheStore | null;
  /** Where failures are told that clients learn nothing of. Default: nowhere. */
  readonly log?: Log;
  readonly plugins?: readonly ApolloServerPlugin<RequestContext>[];
}

export interface Gateway {
  /** The public schema. */
  readonly schema: GraphQLSchema;
  readonly run: Run;
  /** Not started yet. */
  readonly apollo: ApolloServer<RequestContext>;
}

const readyUpstream = (module: SchemaModule, definition: UpstreamDefinition, send: Send): ReadyUpstream => {
  if (definition.protocol === 'rest') return { definition, methods: [], send };
  const proto = loadProto(resolve(dirname(module.typeDefs.file), definition.proto));
  const { methods, streaming } = proto.service(definition.service);
  return { definition, methods: [...methods, ...streaming], send };
};

const backendOf = (module: SchemaModule, connect: GatewayOptions['connect'], store: CacheStore | null): Backend => ({
  module,
  store: store ?? undefined,
  upstreams: Object.fromEntries(
    Object.entries(module.upstreams).map(([name, definition]) => [
      name,
      readyUpstream(module, definition, connect(module, name, definition)),
    ]),
  ),
});

/**
 * Builds the gateway: modules -> one stitched schema -> execution -> Apollo Server.
 *
 * @throws MistakesError with every mistake in the modules, before anything is connected.
 */
export const buildGateway = (options: GatewayOptions): Gateway => {
  const {
    modules,
    connect,
    introspection = false,
    plugins = [],
    log = silentLog,
    store = null,
    openLimiter = memoryLimiters(),
    maxFields = DEFAULT_MAX_FIELDS,
    clock = systemClock,
  } = options;
  const limits = { ...DEFAULT_DOCUMENT_LIMITS, ...options.limits };
  const mistakes = mistakesIn(modules);
  if (mistakes.length > 0) throw new MistakesError('The schema modules do not fit together:', mistakes);

  const composition = compose(modules);
  const schema = stitchModules(composition, rateLimits(openLimiter));
  const backends = new Map(modules.map((module) => [module.name, backendOf(module, connect, store)]));
  const domain = new Map(modules.flatMap((module) => Object.entries(module.errors)));
  const policyOf = policiesBy(cacheKnowledge(composition, schema));
  const execute = runOn({ schema, backends, domain, hideSuggestions: !introspection, maxFields, clock });
  const run =
    store === null ? execute : withOperationCache({ store, policyOf, fingerprint: fingerprintOf(schema) })(execute);
  const allPlugins = [observeOperations(log), cacheHeaders(policyOf), ...plugins];
  return { schema, run, apollo: createApollo({ schema, run, domain, introspection, limits, plugins: allPlugins }) };
};
