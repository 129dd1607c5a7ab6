import type { FastifyInstance } from 'fastify';
import type { AccessRule } from '../../config/network/access-rules.ts';
import type { Clock } from '../../core/clock.ts';
import type { Audit } from '../../telemetry/audit/audit-event.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { readJsonBodies } from '../graphql/json-body.ts';
import { createListener, rejectUnknownRoute, rejectUnknownRoutes } from '../listener/listener.ts';
import { addProbes } from '../listener/probes.ts';
import type { ListenerTls } from '../listener/tls/listener-tls.ts';
import { type HealthReport, summarise } from './health.ts';
import { addOverrides, type OverridesPort } from './overrides.ts';
import { addPathList } from './path-list.ts';
import { addRegistrations, type RegistrationsPort } from './registrations.ts';
import { sharedProbe } from './shared-probe.ts';

const MAX_BODY_BYTES = 64 * 1024;
const HEALTH_FRESH_MS = 1_000;

export interface AdminListenerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Default: none. */
  readonly audit?: Audit | undefined;
  /** True if the gateway accepts traffic. */
  readonly readiness: () => boolean;
  /** Probes every endpoint. Called at most once a second, and never concurrently. */
  readonly health: () => Promise<HealthReport>;
  /** Metrics in Prometheus' text format. Default: no /metrics. */
  readonly metrics?: (() => Promise<string>) | null;
  /** State of the upstreams and listeners, as JSON. Default: no /status. */
  readonly status?: () => unknown;
  /** Default: no /overrides. */
  readonly overrides?: OverridesPort;
  /** Default: no /registrations. */
  readonly registrations?: RegistrationsPort;
  /** Bearer token that writes require; null forbids writes. Default null. */
  readonly token?: string | null;
  /** Default: none, and HTTP/1.1 only. */
  readonly tls?: ListenerTls | undefined;
  /** Rules about the addresses of operators, except for probes. Default: none, all are allowed. */
  readonly accessRules?: readonly AccessRule[];
  /** Called for each connection that is closed before its first request. Default: none. */
  readonly countRefusal?: ((reason: string) => void) | undefined;
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

/**
 * Creates the listener for operators, which must not be public: a list of its paths at `/`, probes, metrics, `GET /health` with every endpoint,
 * `GET /status` with the state of the upstreams and listeners, `/overrides` and `/registrations`. It does not listen yet.
 */
export const createAdminListener = ({
  clock,
  log,
  audit,
  readiness,
  health,
  metrics = null,
  status,
  overrides,
  registrations,
  token = null,
  tls,
  accessRules = [],
  countRefusal,
}: AdminListenerOptions): FastifyInstance => {
  const unknownRoute = rejectUnknownRoute;
  const { app } = createListener({
    clock,
    log,
    audit,
    maxBodyBytes: MAX_BODY_BYTES,
    readiness,
    unknownRoute,
    tls,
    accessRules,
    countRefusal,
    name: 'admin',
  });
  rejectUnknownRoutes(app, unknownRoute);
  addPathList(app);
  addProbes(app, readiness);
  const report = sharedProbe(health, HEALTH_FRESH_MS, clock);
  app.get('/health', async (_request, reply) => {
    const summary = summarise(await report());
    return reply
      .code(summary.status === 'down' ? 503 : 200)
      .headers(JSON_HEADERS)
      .send(JSON.stringify(summary));
  });
  if (status !== undefined)
    app.get('/status', async (_request, reply) => reply.headers(JSON_HEADERS).send(JSON.stringify(status())));
  readJsonBodies(app);
  if (overrides !== undefined) addOverrides(app, overrides, token, log);
  if (registrations !== undefined) addRegistrations(app, registrations, log);
  if (metrics !== null)
    app.get('/metrics', async (_request, reply) =>
      reply
        .headers({ 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' })
        .send(await metrics()),
    );
  return app;
};
