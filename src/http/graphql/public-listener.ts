import type { FastifyInstance } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { Sessions } from '../../auth/sessions/sessions.ts';
import type { Clock } from '../../core/clock.ts';
import type { GatewayPort } from '../../graph/gateway-port.ts';
import { DEFAULT_MAX_RESPONSE_BYTES } from '../../graph/limits/response-size.ts';
import { NO_ROUTES, type Routes } from '../../graph/routes/routes.ts';
import type { Audit } from '../../telemetry/audit/audit-event.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { noTelemetry, type Telemetry } from '../../telemetry/telemetry.ts';
import type { AccessEntry } from '../exchange/access-log.ts';
import { changedSecurityHeaders } from '../exchange/security-headers.ts';
import { addAccountPage, addExplorer, addExplorerNotice } from '../explorer/explorer.ts';
import type { ExternalAuthorizationOptions } from '../ext-authz/external-authorization.ts';
import { loadShedding, type RequestLimitOptions } from '../limits/exchange-limits.ts';
import { identification } from '../limits/limited-identification.ts';
import { addPreflight, corsHeadersFor, isPreflight } from '../listener/cors.ts';
import {
  createListener,
  type ListenerLimits,
  rejectUnknownRoute,
  rejectUnknownRoutes,
  type UnknownRoute,
} from '../listener/listener.ts';
import { addProbes } from '../listener/probes.ts';
import { rejection } from '../listener/rejection.ts';
import type { ListenerTls } from '../listener/tls/listener-tls.ts';
import { addResourceMetadata, type ResourceMetadata } from '../protected-resource/resource-metadata.ts';
import { addRoutes, listenerRoutes, routeLabel } from '../routes/listener-routes.ts';
import { addOpenApi } from '../routes/openapi.ts';
import type { TunnelLimits } from '../routes/websocket/open-tunnels.ts';
import { addSessionRoutes } from '../sessions/session-routes.ts';
import { verificationAgain } from './authentication.ts';
import { addDirectEdge } from './direct-edge.ts';
import { addGraphQLRoute, GRAPHQL_PATH, serveGraphQL } from './graphql-route.ts';
import { type MemoryInFlight, memoryInFlight } from './memory-in-flight.ts';
import { addPublishedKeys, KEYS_PATH } from './published-keys.ts';

export interface PublicListenerConfig {
  /** Milliseconds from the end of receiving a request to its response. */
  readonly requestTimeoutMs: number;
  readonly maxBodyBytes: number;
  /** Maximum bytes of the text of a GraphQL response. Default: 32 MiB. */
  readonly maxResponseBytes?: number;
  /** Maximum number of operations in a batch; 0 for no batches. Default: 0. */
  readonly maxBatchOperations?: number;
  /** Origins of pages that may read responses; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** True if these pages may send and receive cookies. Not with `*`. Default: false. */
  readonly corsCredentials?: boolean;
  /** Seconds for which a browser keeps the answer to a preflight. Default 600. */
  readonly corsMaxAgeSeconds?: number;
  /** Changes of the security headers, by names in lower case: another value, or null for none. Default: none. */
  readonly responseHeaders?: Readonly<Record<string, string | null>>;
  /** True to serve an explorer to browsers at /graphql and /graphiql. */
  readonly explorer: boolean;
  /** Initial operation of the explorer. Default: none. */
  readonly exampleQuery?: string;
  /** True to serve the OpenAPI document of the pass-through routes at /openapi.json. Default: false. */
  readonly openApi?: boolean;
  /** Metadata of this gateway as a protected resource. Default: none. */
  readonly resourceMetadata?: ResourceMetadata | null;
  /** Maximum number of requests to pass-through routes in flight of one client. Default: 100. */
  readonly routeRequestsPerClient?: number;
  /** Bounds of the number of WebSockets. Default: 10,000 in all, 100 of one client. */
  readonly webSockets?: TunnelLimits;
  /** Addresses or CIDRs of the proxies with trusted forwarding headers. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Default: none, and HTTP/1.1 only. */
  readonly tls?: ListenerTls | undefined;
  /** Value of `Strict-Transport-Security`; null for none. Default null. */
  readonly hsts?: string | null;
  /** Addresses or CIDRs of proxies that send a PROXY header first. Default: none. */
  readonly proxyProtocol?: readonly string[];
  /** Hosts of requests that are answered, except for probes. Default: all hosts. */
  readonly publicHosts?: readonly string[];
  /** Further limits of the listener. Default: those of `createListener`. */
  readonly listener?: ListenerLimits;
}

export interface PublicListenerOptions {
  /** Must be started. Default of `routes`, the pass-through routes: none. */
  readonly gateway: GatewayPort & { readonly routes?: Routes };
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  /** Browser sessions, with their authenticator in `authenticator`. Default: none. */
  readonly sessions?: Sessions | null | undefined;
  /** Limits of requests. Default: none. */
  readonly limits?: RequestLimitOptions | undefined;
  /** The service that decides about each request. Default: none. */
  readonly extAuthz?: ExternalAuthorizationOptions | undefined;
  /** Bound of the memory in flight. Default: unlimited. */
  readonly memory?: MemoryInFlight;
  readonly config: PublicListenerConfig;
  /** True if the gateway accepts traffic. */
  readonly readiness: () => boolean;
  readonly log: Log;
  /** Returns the public keys of internal tokens, served at /.well-known/jwks.json. Default: none. */
  readonly publishedKeys?: (() => string) | undefined;
  /** Default: none. */
  readonly telemetry?: Telemetry;
  /** Receives an entry for every completed or aborted request. Default: none. */
  readonly access?: (entry: AccessEntry) => void;
  /** Default: none. */
  readonly audit?: Audit;
  /** False to pass every request through Fastify, for comparison in tests. Default: true. */
  readonly directEdge?: boolean;
}

/** Backends reach the gateway by an internal name. */
const HOSTLESS: ReadonlySet<string> = new Set([KEYS_PATH]);

const unknownRoute: UnknownRoute = (request) =>
  isPreflight(request) ? rejection('FORBIDDEN', '') : rejectUnknownRoute(request);

/** Creates the listener for clients: /graphql, pass-through routes, probes and, if enabled, the explorer. It does not listen yet. */
export const createPublicListener = (options: PublicListenerOptions): FastifyInstance => {
  const { gateway, clock, authenticator, config, readiness, log } = options;
  const { maxBodyBytes, requestTimeoutMs, trustedProxies = [] } = config;
  const { memory = memoryInFlight(Number.POSITIVE_INFINITY, clock) } = options;
  const { telemetry = noTelemetry, access = () => {}, limits, extAuthz } = options;
  const { routes = NO_ROUTES } = gateway;
  const listener = createListener({
    ...config.listener,
    clock,
    log,
    maxBodyBytes,
    readiness,
    trustedProxies,
    publicHosts: config.publicHosts ?? [],
    hostless: HOSTLESS,
    proxyProtocol: config.proxyProtocol ?? [],
    tls: config.tls,
    countRefusal: (reason) => telemetry.metrics.connectionRefused('public', reason),
    responseHeaders: changedSecurityHeaders(config.responseHeaders ?? {}),
    secureHeaders: config.hsts ? { 'strict-transport-security': config.hsts } : {},
    unknownRoute,
    resourceMetadata: config.resourceMetadata?.url ?? null,
    otherRoute: (request) => routeLabel(routes, request),
    corsHeaders: corsHeadersFor(config.corsOrigins, config.corsCredentials ?? false),
    observe: { telemetry, access },
    audit: options.audit,
  });
  const { app } = listener;
  if (config.corsOrigins.length > 0)
    addPreflight(app, { unknownRoute, methodsOf: routes.methodsOf, maxAgeSeconds: config.corsMaxAgeSeconds });
  const shedding = limits && loadShedding(limits, clock);
  // One for all paths: a network has one number of refused credentials.
  const identify = identification({
    ...{ authenticator, clock, limits, shedding, extAuthz, timeoutMs: requestTimeoutMs },
    hasOperation: ({ route }) => route === GRAPHQL_PATH,
    // 403 may be that of the authorisation service, for a credential that it alone knows.
    isForeign: ({ route }, status) => route === GRAPHQL_PATH && status !== 403,
  });
  const passing = listenerRoutes({
    verifyAgain: verificationAgain({ clock, timeoutMs: requestTimeoutMs }),
    ...{ routes, clock, identify, requestTimeoutMs, maxBodyBytes },
    connections: listener.connections,
    requestsPerClient: config.routeRequestsPerClient,
    webSockets: config.webSockets,
  });
  if (passing !== null) addRoutes(app, passing);
  rejectUnknownRoutes(app, unknownRoute);
  addProbes(app, readiness);
  if (options.publishedKeys !== undefined) addPublishedKeys(app, options.publishedKeys);
  if (config.resourceMetadata) addResourceMetadata(app, config.resourceMetadata);
  if (config.openApi === true) addOpenApi(app, routes.all);
  const { sessions = null } = options;
  if (sessions !== null) addSessionRoutes(app, { sessions, clock, limits, shedding, requestTimeoutMs });
  if (config.explorer && sessions !== null) addAccountPage(app);
  if (config.explorer) addExplorer(app, { exampleQuery: config.exampleQuery ?? '' });
  else addExplorerNotice(app);
  const { maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES, maxBatchOperations = 0 } = config;
  const serve = serveGraphQL({
    ...{ gateway, clock, identify, memory, requestTimeoutMs, maxBodyBytes, maxResponseBytes, maxBatchOperations },
  });
  addGraphQLRoute(app, serve);
  if (options.directEdge ?? true) addDirectEdge(listener, serve, passing);
  passing?.addWebSockets(listener, telemetry.metrics);
  return app;
};
