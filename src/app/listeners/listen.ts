import { ALGORITHMS } from '../../auth/tokens/algorithms.ts';
import type { Settings } from '../../config/settings.ts';
import { systemClock } from '../../core/clock.ts';
import { type AdminListenerOptions, createAdminListener } from '../../http/admin/admin-listener.ts';
import { createPublicListener, type PublicListenerOptions } from '../../http/graphql/public-listener.ts';
import type { ListenerLimits } from '../../http/listener/listener.ts';
import { type RunningServer, startServer } from '../../http/listener/server.ts';
import { resourceMetadata } from '../../http/protected-resource/resource-metadata.ts';
import { createRedirectListener } from '../../http/redirect/redirect-listener.ts';
import { openListenerCertificates } from './listener-certificates.ts';
import type { ListenersTls } from './listener-tls.ts';

/** Maximum milliseconds of the requests in flight at the end of the process. */
export const DRAIN_GRACE_MS = 10_000;

type PublicParts = Omit<PublicListenerOptions, 'config' | 'readiness'> & Pick<ListenerLimits, 'requestRules'>;
type AdminParts = Omit<AdminListenerOptions, 'readiness' | 'tls' | 'status'> & {
  /** Status without that of the listeners. */
  readonly status: () => object;
};

/** Limits of the listeners for clients. */
const limitsOf = (settings: Settings): ListenerLimits => ({
  accessRules: settings.ACCESS_RULES,
  maxHeaderBytes: settings.MAX_HEADER_BYTES,
  ...(settings.MAX_URL_LENGTH !== null && { maxUrlLength: settings.MAX_URL_LENGTH }),
  connectionLimits: { all: settings.MAX_CONNECTIONS, perAddress: settings.MAX_CONNECTIONS_PER_ADDRESS },
});

/** Creates the listener of `REDIRECT_PORT`; null without that variable. */
const redirectListener = (settings: Settings, parts: PublicParts, readiness: () => boolean) => {
  const { clock, log, telemetry, access } = parts;
  if (settings.REDIRECT_PORT === null) return null;
  return createRedirectListener({
    ...{ clock, log, readiness },
    ...(telemetry && access && { observe: { telemetry, access } }),
    publicHosts: settings.PUBLIC_HOSTS,
    proxyProtocol: settings.PROXY_PROTOCOL,
    ...limitsOf(settings),
    port: settings.PUBLIC_PORT ?? settings.PORT,
    challenges: settings.ACME_CHALLENGES,
  });
};

/** Metadata of the gateway as a protected resource; null without its identifier. */
const resourceMetadataOf = ({ PROTECTED_RESOURCE, JWT_ISSUERS, TOKEN_INTROSPECTION }: Settings) =>
  PROTECTED_RESOURCE === null
    ? null
    : resourceMetadata({
        ...PROTECTED_RESOURCE,
        issuers: [...JWT_ISSUERS, ...(TOKEN_INTROSPECTION === null ? [] : [TOKEN_INTROSPECTION])].map(
          ({ issuer }) => issuer,
        ),
        algorithms: ALGORITHMS,
      });

export interface RunningListeners {
  readonly server: RunningServer;
  /** Ends the checks of certificates and their files. */
  close(): void;
}

/** Starts the listeners for clients, for operators, and for redirects if there is a port for them. */
export const listen = async (
  settings: Settings,
  tls: ListenersTls,
  clients: PublicParts,
  operators: AdminParts,
  exampleQuery: string,
): Promise<RunningListeners> => {
  const certificates = openListenerCertificates(tls, { clock: systemClock, log: clients.log });
  clients.telemetry?.metrics.watchListenerCertificates(certificates.metrics);
  clients.telemetry?.metrics.watchRevocationLists(certificates.listMetrics);
  const { HOST: host, REDIRECT_PORT: redirectPort } = settings;
  const config: PublicListenerOptions['config'] = {
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    maxBodyBytes: settings.MAX_BODY_BYTES,
    maxResponseBytes: settings.MAX_RESPONSE_BYTES,
    maxBatchOperations: settings.MAX_BATCH_OPERATIONS,
    corsOrigins: settings.CORS_ORIGINS,
    corsCredentials: settings.CORS_CREDENTIALS === 'on',
    corsMaxAgeSeconds: settings.CORS_MAX_AGE,
    responseHeaders: settings.RESPONSE_HEADERS,
    routeRequestsPerClient: settings.MAX_ROUTE_REQUESTS_PER_CLIENT,
    webSockets: { all: settings.MAX_WEBSOCKETS, perClient: settings.MAX_WEBSOCKETS_PER_CLIENT },
    openApi: settings.OPENAPI === 'on',
    resourceMetadata: resourceMetadataOf(settings),
    trustedProxies: settings.TRUSTED_PROXIES,
    publicHosts: settings.PUBLIC_HOSTS,
    proxyProtocol: settings.PROXY_PROTOCOL,
    tls: certificates.tls.public,
    hsts: settings.HSTS,
    explorer: settings.EXPLORER === 'on',
    listener: { ...limitsOf(settings), requestRules: clients.requestRules },
    exampleQuery,
  };
  const server = await startServer({
    clock: systemClock,
    listeners: (readiness) => ({
      public: createPublicListener({ ...clients, readiness, config }),
      admin: createAdminListener({
        ...operators,
        readiness,
        tls: certificates.tls.admin,
        accessRules: settings.ADMIN_ACCESS_RULES,
        status: () => ({ ...operators.status(), listeners: certificates.status() }),
        countRefusal: (reason) => clients.telemetry?.metrics.connectionRefused('admin', reason),
      }),
      redirect: redirectListener(settings, clients, readiness),
    }),
    public: { host, port: settings.PORT, portVariable: 'PORT', hostVariable: 'HOST' },
    admin: {
      host: settings.ADMIN_HOST,
      port: settings.ADMIN_PORT,
      portVariable: 'ADMIN_PORT',
      hostVariable: 'ADMIN_HOST',
    },
    ...(redirectPort !== null && {
      redirect: { host, port: redirectPort, portVariable: 'REDIRECT_PORT', hostVariable: 'HOST' },
    }),
    drain: { announceMs: settings.SHUTDOWN_DELAY_MS, graceMs: DRAIN_GRACE_MS },
  });
  return { server, close: certificates.close };
};
