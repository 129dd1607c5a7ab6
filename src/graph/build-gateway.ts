import type { GraphQLSchema } from 'graphql';
import type { Backend, ReadyUpstream } from '../backend/bind/bind.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import type { UpstreamDefinition } from '../backend/define/upstream-options.ts';
import { grpcServiceOf } from '../backend/grpc/grpc-service.ts';
import { serviceOf } from '../backend/remote/service.ts';
import type { CacheStore } from '../cache/store.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { Graph } from '../execution/graph.ts';
import type { OpenLimiter } from '../rate-limit/limiter.ts';
import { memoryLimiters } from '../rate-limit/memory.ts';
import { type Log, silentLog } from '../telemetry/log/log.ts';
import type { RoutedSend } from '../upstream/call.ts';
import { visibleSchemas } from './access/visible-schema.ts';
import { type ApolloCaches, type ApolloPort, apolloPort, createApollo, type GatewayPlugin } from './apollo/apollo.ts';
import { DocumentCache, PersistedQueryCache } from './apollo/document-cache.ts';
import { knownOperations } from './apollo/known-operations.ts';
import { observeOperations } from './apollo/observe-operations.ts';
import {
  cacheKnowledge,
  fingerprintOf,
  type OperationCacheOptions,
  type PolicyOf,
  policiesBy,
  withOperationCache,
} from './apollo/operation-cache.ts';
import { cacheHeaders } from './apollo/response-headers.ts';
import { showPlan } from './apollo/show-plan.ts';
import { type AuthDefault, problemsInModules } from './check/check-modules.ts';
import { withCheckedScalars } from './compose/checked-scalars.ts';
import { type Composition, compose } from './compose/composition.ts';
import type { SchemaOf } from './compose/introspection.ts';
import { moduleSchema } from './compose/module-schema.ts';
import { graphOf } from './compose/plan-graph.ts';
import { printableSchema } from './compose/printable-schema.ts';
import { withRuleTexts } from './compose/rule-texts.ts';
import { invalidInputsBy } from './directives/constraints/operation-inputs.ts';
import { openRateLimits } from './directives/rate-limit.ts';
import { executeOperation } from './execute-operation.ts';
import type { ExecutionMode, ExecutionReport } from './execution-mode.ts';
import { explainer } from './explain/explain.ts';
import { type CostLimit, withOperationCosts } from './limits/cost/operation-costs.ts';
import { StaticCosts } from './limits/cost/static-costs.ts';
import type { UsageWeights } from './limits/cost/usage-cost.ts';
import { DEFAULT_DOCUMENT_LIMITS, type DocumentLimits } from './limits/document-limits.ts';
import { DEFAULT_MAX_ERRORS } from './limits/listed-errors.ts';
import { withRequestLimits, withRequestRules } from './limits/request-limits.ts';
import { type TrustedDocumentsOptions, trustedDocuments } from './limits/trusted/trusted-documents.ts';
import type { Run } from './operation.ts';
import { operationSubsets, routingHeadersOf } from './operation-subsets.ts';
import { openRoutes, type Routes } from './routes/routes.ts';
import { stitchModules } from './stitching/stitch.ts';

const DEFAULT_MAX_FIELDS = 250_000;

const MIB = 1_048_576;
const DEFAULT_CACHES = { documents: 128 * MIB, persisted: 32 * MIB, plans: 96 * MIB };

/** Limits of the caches between requests, in bytes. */
export interface CacheLimits {
  readonly documents: number;
  readonly persisted: number;
  readonly plans: number;
}

/** Introspection: off, of the whole schema, or of what the caller may reach. */
export type SchemaIntrospection = boolean | 'caller';

export interface GatewayOptions {
  readonly modules: readonly SchemaModule[];
  /** Returns the function that sends calls to one upstream of a module. */
  readonly connect: (module: SchemaModule, upstream: string, definition: UpstreamDefinition) => RoutedSend;
  /** True shows the schema to every caller, `caller` what the caller may reach. Default: false. */
  readonly introspection?: SchemaIntrospection;
  /** Access to fields without a word of authorisation. Default: allow. */
  readonly authDefault?: AuthDefault;
  /** Default: `compiled`. */
  readonly execution?: ExecutionMode;
  /** Receives how each operation was executed. Default: no report. */
  readonly report?: Partial<ExecutionReport>;
  /** Rows of one selection before code is generated for it. Default: 200. */
  readonly rowsBeforeCode?: number;
  /** Maximum number of fields that one execution may resolve. Default: 250,000. */
  readonly maxFields?: number;
  /** Maximum number of errors in a response. Default: 1,000. */
  readonly maxErrors?: number;
  /** Maximum bytes of the text of a response. Default: 32 MiB. */
  readonly maxResponseBytes?: number;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Default: DEFAULT_DOCUMENT_LIMITS. */
  readonly limits?: Partial<DocumentLimits>;
  /** Limit of the static cost of an operation. Default: no limit. */
  readonly costLimit?: CostLimit | undefined;
  /** Weights of calls to backends and of bytes in the real cost of an operation. Default: 0. */
  readonly usageWeights?: UsageWeights;
  /** Number of items of a list without `@listSize`, in costs. Default: 100. */
  readonly listSize?: number;
  /** Documents of manifests. Default: null, every document is allowed. */
  readonly trusted?: TrustedDocumentsOptions | null;
  /** Counters of @rateLimit. Default: the memory of this process. */
  readonly openLimiter?: OpenLimiter;
  /** Store for entities and for whole responses of public operations. Default: null, nothing is stored. */
  readonly store?: CacheStore | null;
  /** Receives failures with a cause that clients do not see. Default: no log. */
  readonly log?: Log;
  /** Limits of the caches between requests, in bytes. Default: 128 MiB documents, 32 MiB persisted queries, 96 MiB plans. */
  readonly caches?: CacheLimits;
  /** With plugins, every operation passes Apollo's pipeline, where they run. Default: none. */
  readonly plugins?: readonly GatewayPlugin[];
  /** False to run known operations through Apollo's pipeline, too, for comparison in tests. Default: true. */
  readonly knownOperations?: boolean;
}

/** A gateway. It must be started before it executes requests. */
export interface Gateway extends ApolloPort {
  /** The public schema. */
  readonly schema: GraphQLSchema;
  readonly run: Run;
  /** The pass-through routes of the modules. */
  readonly routes: Routes;
}

const readyUpstream = (
  module: SchemaModule,
  upstream: string,
  definition: UpstreamDefinition,
  send: RoutedSend,
): ReadyUpstream => {
  if (definition.protocol !== 'grpc') {
    const service = definition.protocol === 'graphql' ? serviceOf(module, upstream, definition) : null;
    return { definition, methods: [], service, send };
  }
  const { methods, streaming } = grpcServiceOf(module, definition);
  return { definition, methods: [...methods, ...streaming], service: null, send };
};

const backendOf = (module: SchemaModule, connect: GatewayOptions['connect'], store: CacheStore | null): Backend => ({
  module,
  store: store ?? undefined,
  upstreams: Object.fromEntries(
    Object.entries(module.upstreams).map(([name, definition]) => [
      name,
      readyUpstream(module, name, definition, connect(module, name, definition)),
    ]),
  ),
});

const openCaches = ({ documents, persisted }: CacheLimits): ApolloCaches => ({
  documents: new DocumentCache(documents),
  persisted: new PersistedQueryCache(persisted),
});

/** The composed modules, before any upstream is connected. */
export interface ComposedGraph {
  readonly composition: Composition;
  /** The schema for delegation. */
  readonly stitched: GraphQLSchema;
  readonly graph: Graph;
  /** The schema that clients see, to be printed. */
  readonly printable: GraphQLSchema;
  /** The schema that introspection shows to a caller. */
  readonly shownTo: SchemaOf;
}

interface ComposeOptions {
  readonly openLimiter?: OpenLimiter | undefined;
  readonly authDefault?: AuthDefault | undefined;
  readonly introspection?: SchemaIntrospection | undefined;
}

/** @throws ConfigurationError with all problems of the modules. */
export const composeGraph = (
  modules: readonly SchemaModule[],
  { openLimiter = memoryLimiters(), authDefault, introspection }: ComposeOptions = {},
): ComposedGraph => {
  const problems = problemsInModules(modules, authDefault);
  if (problems.length > 0) throw new ConfigurationError('The schema modules have problems:', problems);
  const composition = compose(modules);
  const { limits, limitFields } = openRateLimits(composition.quotas, openLimiter);
  const schemas = composition.modules.map(moduleSchema);
  const stitched = stitchModules(composition, limitFields);
  const checked = withCheckedScalars(
    stitched,
    schemas.map(({ schema }) => schema),
  );
  const printable = printableSchema(withRuleTexts(checked, composition.inputRules));
  const shownTo = introspection === 'caller' ? visibleSchemas(printable, composition.authorization) : () => printable;
  return { composition, stitched, graph: graphOf(composition, schemas, limits, checked, shownTo), printable, shownTo };
};

/** Answers public operations from the store, if there is one. */
const storedAnswers =
  (
    store: CacheStore | null,
    policyOf: PolicyOf,
    printable: GraphQLSchema,
    subsetsOf: OperationCacheOptions['subsetsOf'],
  ) =>
  (run: Run): Run =>
    store === null
      ? run
      : withOperationCache({ store, policyOf, fingerprint: fingerprintOf(printable), subsetsOf })(run);

/**
 * Builds the gateway: modules -> one stitched schema -> execution -> Apollo Server.
 *
 * @throws ConfigurationError with all problems of the modules, before any upstream is connected.
 */
export const buildGateway = (options: GatewayOptions): Gateway => {
  const {
    modules,
    connect,
    introspection = false,
    plugins = [],
    log = silentLog,
    store = null,
    openLimiter,
    maxFields = DEFAULT_MAX_FIELDS,
    maxErrors = DEFAULT_MAX_ERRORS,
    clock = systemClock,
    execution: mode = 'compiled',
    report = {},
    caches = DEFAULT_CACHES,
  } = options;
  const { composition, stitched, graph, printable, shownTo } = composeGraph(modules, options);
  // With introspection for callers, messages and plans would reveal what it hides.
  const isShown = introspection === true;
  const backends = new Map(graph.modules.map(({ module }) => [module.name, backendOf(module, connect, store)]));
  const domain = new Map(modules.flatMap((module) => Object.entries(module.errors)));
  const policyOf = policiesBy(cacheKnowledge(composition, graph.schema));
  const execute = executeOperation({
    graph,
    stitched,
    backends,
    domain,
    hideNames: !isShown,
    shownTo: introspection === 'caller' ? shownTo : null,
    maxFields,
    maxErrors,
    maxResponseBytes: options.maxResponseBytes,
    clock,
    mode,
    rowsBeforeCode: options.rowsBeforeCode,
    planBytes: caches.plans,
    guardedArguments: composition.authorization.inputs.fieldNames,
    invalidInputs: invalidInputsBy(graph.schema, composition.inputRules),
    isRepeatable: ({ document, operation }) => !policyOf(document, operation).isLimited,
    report: { executed: () => {}, differed: () => {}, ...report },
  });
  const stored = storedAnswers(store, policyOf, printable, operationSubsets(backends.values()));
  const costs = new StaticCosts(graph.schema, composition.costs, options.listSize);
  const { costLimit: limit, usageWeights: usage, trusted = null, knownOperations: mayBeKnown = true } = options;
  const counted = withOperationCosts({ costs, limit, usage, hideNames: !isShown })(stored(execute));
  const run = withRequestRules(withRequestLimits(graph.schema, (operation) => costs.of(operation).total)(counted));
  const cacheability = { policyOf, routingHeaders: routingHeadersOf(backends.values()) };
  const explaining = isShown ? [showPlan(explainer(graph, composition.authorization, costs))] : [];
  const allPlugins = [observeOperations(log), cacheHeaders(cacheability), ...explaining, ...plugins];
  const apolloCaches = openCaches(caches);
  const apollo = createApollo({
    schema: printable,
    run,
    domain,
    introspection,
    hideNames: !isShown,
    limits: { ...DEFAULT_DOCUMENT_LIMITS, ...options.limits },
    caches: apolloCaches,
    plugins: allPlugins,
  });
  const isDirect = plugins.length === 0 && mayBeKnown;
  const known = isDirect ? knownOperations({ ...apolloCaches, run, cacheability, domain, log }) : null;
  const routes = openRoutes({ modules, backends, store, openLimiter: openLimiter ?? memoryLimiters(), clock });
  const port = apolloPort(apollo, known);
  return { schema: graph.schema, run, routes, ...port, ...(trusted !== null && trustedDocuments(port, trusted)) };
};
