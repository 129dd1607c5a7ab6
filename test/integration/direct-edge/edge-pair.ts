import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Authenticator } from '../../../src/auth/authenticator.ts';
import { firstCredential } from '../../../src/auth/first-credential.ts';
import { tokenAuthenticator } from '../../../src/auth/tokens/token-authenticator.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import { memoryInFlight } from '../../../src/http/graphql/memory-in-flight.ts';
import { createPublicListener } from '../../../src/http/graphql/public-listener.ts';
import { clientLimit } from '../../../src/http/limits/exchange-limits.ts';
import type { Counters } from '../../../src/rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../../src/rate-limit/counters/memory-counters.ts';
import { memoryLimiters } from '../../../src/rate-limit/memory.ts';
import type { Log } from '../../../src/telemetry/log/log.ts';
import type { Metrics } from '../../../src/telemetry/metrics/metrics.ts';
import { noTelemetry } from '../../../src/telemetry/telemetry.ts';
import { authenticate } from '../../support/auth/authenticators.ts';
import { AUDIENCE, ISSUER, startIssuer, type TestIssuer } from '../../support/auth/issuer.ts';
import { type ManualClock, manualClock } from '../../support/clock/manual-clock.ts';
import { listeningApp } from '../../support/http/listening-app.ts';
import { connectionOver, type RawConnection, rawConnection } from '../../support/http/raw-http.ts';
import { listenerTls, secureSocket } from '../../support/http/tls-rig.ts';
import { edgeModule } from './edge-module.ts';

export const TIMEOUT_MS = 5_000;
export const MAX_BODY_BYTES = 20_000;

const silent = { warn: () => {}, error: () => {} };

/** A gateway with everything that it reports. */
export interface Edge extends AsyncDisposable {
  readonly connect: () => Promise<RawConnection>;
  readonly clock: ManualClock;
  /** Number of requests that passed Fastify's hooks on their way to a route, and of operations. */
  readonly passed: { readonly fastify: number; readonly executed: number };
  /** Number of requests that started, that were counted against the quota of their client, and that ended. */
  readonly counts: { readonly started: number; readonly admitted: number; readonly ended: number };
  /** Operations that wait in the field `slow`. */
  readonly slow: (() => void)[];
  /** Returns log lines, metrics and spans since the last call. */
  reports(): unknown;
}

const spanOf = ({ name, kind, status, attributes, parentSpanContext }: ReadableSpan) => ({
  name,
  kind,
  status,
  attributes,
  parent: parentSpanContext?.spanId,
});

/** Trace and span ids in order, so that two gateways have the same ones. */
const countedIds = () => {
  let last = 0;
  const next = (length: number): string => {
    last += 1;
    return last.toString(16).padStart(length, '0');
  };
  return { generateTraceId: () => next(32), generateSpanId: () => next(16) };
};

/** Telemetry and log that record everything. */
const recorder = () => {
  const reported: { logged: unknown[]; metrics: unknown[] } = { logged: [], metrics: [] };
  const counts = { started: 0, admitted: 0, ended: 0 };
  const spans = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter: spans })];
  const provider = new TracerProvider({ spanProcessors, idGenerator: countedIds() });
  const record =
    (name: string) =>
    (...args: readonly unknown[]): void =>
      void reported.metrics.push([name, ...args]);
  const metrics: Metrics = {
    ...noTelemetry.metrics,
    operationEnded: record('operationEnded'),
    errorSent: record('errorSent'),
    refused: record('refused'),
    cached: record('cached'),
    callStarted: record('callStarted'),
    callEnded: record('callEnded'),
    requestStarted: () => {
      counts.started += 1;
    },
    requestEnded: (ended) => {
      counts.ended += 1;
      record('requestEnded')(ended);
    },
  };
  return {
    counts,
    telemetry: { ...noTelemetry, tracer: provider.getTracer('test'), metrics },
    log: (...line: readonly unknown[]) => void reported.logged.push(line),
    reports: (): unknown => {
      const found = structuredClone({ ...reported, spans: spans.getFinishedSpans().map(spanOf) });
      for (const list of [reported.logged, reported.metrics]) list.length = 0;
      spans.reset();
      return found;
    },
    close: () => provider.shutdown(),
  };
};

/**
 * Counts the requests of clients before the limits do. Every third decision is late by a turn of the event loop, as
 * those in Redis are.
 */
const counted = (counters: Counters, counts: { admitted: number }): Counters => ({
  take: async (demand) => {
    counts.admitted += 1;
    if (counts.admitted % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    return counters.take(demand);
  },
});

const QUOTA = { limit: 40, seconds: 60 };

const gatewayFor = async (clock: ManualClock, slow: (() => void)[], log: Log, knownOperations: boolean) => {
  const gateway = buildGateway({
    modules: [edgeModule(slow)],
    connect: () => async () => ({ status: 200, headers: {}, size: 1, value: 7 }),
    clock,
    log,
    openLimiter: memoryLimiters({ clock }),
    knownOperations,
  });
  await gateway.start();
  return gateway;
};

const startEdge = async (isDirect: boolean, authenticator: Authenticator, isSecure: boolean): Promise<Edge> => {
  const secure = isSecure ? await listenerTls() : null;
  const clock = manualClock();
  const { counts, telemetry, log: access, reports, close } = recorder();
  const log = { warn: access, error: access };
  const slow: (() => void)[] = [];
  const gateway = await gatewayFor(clock, slow, log, isDirect);
  const passed = { fastify: 0, executed: 0 };
  const app = createPublicListener({
    gateway: {
      execute: (params, context) => {
        passed.executed += 1;
        return gateway.execute(params, context);
      },
    },
    clock,
    authenticator,
    limits: clientLimit(QUOTA, clock, counted(new MemoryCounters({ clock }), counts)),
    memory: memoryInFlight(48 * 1_024, clock, () => telemetry.metrics.refused('memory')),
    config: {
      requestTimeoutMs: TIMEOUT_MS,
      maxBodyBytes: MAX_BODY_BYTES,
      maxBatchOperations: 2,
      corsOrigins: ['https://shop.test'],
      explorer: false,
      trustedProxies: ['127.0.0.1'],
      tls: secure?.tls,
    },
    readiness: () => true,
    log,
    telemetry,
    access,
    directEdge: isDirect,
  });
  app.addHook('onRequest', (_request, _reply, done) => {
    passed.fastify += 1;
    done();
  });
  const listening = await listeningApp(app, gateway);
  const { port } = listening;
  return {
    connect: async () => {
      return secure === null
        ? rawConnection(port)
        : connectionOver(await secureSocket(port, { ALPNProtocols: ['http/1.1'] }));
    },
    clock,
    counts,
    slow,
    passed,
    reports,
    [Symbol.asyncDispose]: async () => {
      await listening[Symbol.asyncDispose]();
      secure?.close();
      await close();
    },
  };
};

/** Two gateways with the same parts, one with the direct edge and one without it. */
export interface EdgePair extends AsyncDisposable {
  readonly direct: Edge;
  readonly long: Edge;
  readonly issuer: TestIssuer;
}

export const startPair = async (isSecure = false): Promise<EdgePair> => {
  const { wallTime } = manualClock();
  const issuer = await startIssuer(wallTime);
  const opened = () =>
    firstCredential([
      tokenAuthenticator({
        issuers: [
          {
            issuer: ISSUER,
            audience: AUDIENCE,
            keys: { by: 'url', url: issuer.jwksUrl } as const,
            roles: 'roles',
            typ: 'at+jwt',
          },
        ],
        clock: systemClock,
        log: silent,
        wallTime,
      }),
    ]);
  const authenticators = [opened(), opened()] as const;
  // The keys are fetched before the first request.
  for (const authenticator of authenticators) await authenticate(authenticator, `Bearer ${issuer.token()}`);
  const [direct, long] = [
    await startEdge(true, authenticators[0], isSecure),
    await startEdge(false, authenticators[1], isSecure),
  ];
  return {
    direct,
    long,
    issuer,
    [Symbol.asyncDispose]: async () => {
      await direct[Symbol.asyncDispose]();
      await long[Symbol.asyncDispose]();
      for (const authenticator of authenticators) authenticator.close();
      await issuer[Symbol.asyncDispose]();
    },
  };
};
