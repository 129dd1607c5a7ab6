import { pipeline, type Readable, Transform } from 'node:stream';
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { DoneFuncWithErrOrRes, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { type Clock, systemClock } from '../../core/clock.ts';
import * as names from '../../telemetry/names.ts';
import { requestTrace, untraced } from '../../telemetry/open-trace.ts';
import type { OpenSpan, RequestTrace } from '../../telemetry/request-trace.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { extractTrace } from '../../telemetry/trace-context.ts';
import { type AccessEntry, accessEntry, loggedStatus, pathOf } from './access-log.ts';

export interface ObserveOptions {
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** Receives an entry for every completed or aborted request except probes. */
  readonly access: (entry: AccessEntry) => void;
}

/** State of an observed request. */
interface Observed {
  readonly span: OpenSpan;
  readonly startedAt: number;
  /** Bytes of a streamed body; null for a body of known length. */
  streamed: number | null;
  isOver: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for probes; undefined if observation is off. */
    observed?: Observed | null;
  }
}

/** Returns the trace of a request. */
export const traceOf = (request: FastifyRequest): RequestTrace => request.observed?.span ?? untraced(systemClock);

/** Records the error codes of a response that was rejected before execution, unless codes are already recorded. */
export const noteRefusal = (
  request: FastifyRequest,
  status: number,
  errors: readonly GraphQLFormattedError[],
): void => {
  const { record } = traceOf(request);
  if (status < 400 || record.errorCodes.length > 0) return;
  for (const { extensions } of errors) record.failed(String(extensions?.code ?? 'INTERNAL_SERVER_ERROR'));
};

// Probes run every few seconds and need only the status.
const UNOBSERVED: ReadonlySet<string> = new Set(['/livez', '/readyz']);

const MAX_AGENT_LENGTH = 256;

const routeOf = (request: FastifyRequest): string | null => (request.is404 ? null : (request.routeOptions.url ?? null));

const described = (request: FastifyRequest, route: string | null): Attributes => ({
  [names.ATTR_HTTP_REQUEST_METHOD]: request.method,
  [names.ATTR_URL_PATH]: pathOf(request),
  [names.ATTR_URL_SCHEME]: request.client.scheme,
  [names.ATTR_REQUEST_ID]: request.id,
  ...(route === null ? {} : { [names.ATTR_HTTP_ROUTE]: route }),
  [names.ATTR_USER_AGENT_ORIGINAL]: (request.headers['user-agent'] ?? '').slice(0, MAX_AGENT_LENGTH),
});

const begin = (request: FastifyRequest, { telemetry, clock }: ObserveOptions): Observed => {
  const parent = extractTrace(request.headers, request.client.isForwarded);
  const route = routeOf(request);
  const name = route === null ? request.method : `${request.method} ${route}`;
  const span = requestTrace(telemetry, clock, parent).start(name, SpanKind.SERVER);
  if (span.isRecording) span.set(described(request, route));
  telemetry.metrics.requestStarted();
  return { span, startedAt: clock.now(), streamed: null, isOver: false };
};

const end = (request: FastifyRequest, reply: FastifyReply, observed: Observed, options: ObserveOptions): void => {
  if (observed.isOver) return;
  observed.isOver = true;
  const { telemetry, clock, access } = options;
  const { span, startedAt, streamed } = observed;
  const durationMs = clock.now() - startedAt;
  const status = loggedStatus(reply);
  telemetry.metrics.requestEnded({ method: request.method, route: routeOf(request), status, durationMs });
  if (span.isRecording) {
    const codes = span.record.errorCodes;
    span.set({
      [names.ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
      ...(codes.length === 0 ? {} : { [names.ATTR_ERROR_CODES]: [...codes] }),
    });
  }
  span.end(status >= 500 ? String(status) : undefined);
  const bytes = streamed ?? Number(reply.getHeader('content-length') ?? 0);
  access(accessEntry(request, reply, { trace: span, durationMs, bytes }));
};

/**
 * Adds traces, metrics and the access log. Call it before any other hook is added, so that rejected requests are
 * included.
 */
export const observeRequests = (app: FastifyInstance, options: ObserveOptions): void => {
  app.decorateRequest('observed', null);
  app.addHook('onRequest', (request, reply, done) => {
    if (!UNOBSERVED.has(request.routeOptions.url ?? '')) {
      const observed = begin(request, options);
      request.observed = observed;
      const { traceId } = observed.span;
      if (traceId !== null) reply.header(names.TRACE_ID_HEADER, traceId);
      // Fastify's onResponse does not run for a disconnected client. Nor does the response close while it waits for its
      // turn.
      const over = (): void => end(request, reply, observed, options);
      reply.raw.once('close', over);
      request.raw.once('close', () => {
        if (request.raw.socket.destroyed) over();
      });
    }
    done();
  });
};

// Streams of libraries may not be instances of Node's classes.
const isStream = (payload: unknown): payload is Readable =>
  typeof payload === 'object' && payload !== null && 'pipe' in payload;

/** Counts the bytes of streamed bodies. Call it after every hook that turns a body into a stream. */
export const countStreamedBytes = (app: FastifyInstance): void => {
  app.addHook('onRoute', (route) => {
    const before = route.onSend ?? [];
    route.onSend = [
      ...(Array.isArray(before) ? before : [before]),
      (request: FastifyRequest, _reply: FastifyReply, payload: unknown, done: DoneFuncWithErrOrRes) => {
        const { observed } = request;
        if (!observed || !isStream(payload)) {
          done();
          return;
        }
        observed.streamed = 0;
        const counter = new Transform({
          transform: (chunk: Buffer, _encoding, next) => {
            observed.streamed = (observed.streamed ?? 0) + chunk.length;
            next(null, chunk);
          },
        });
        // Fastify reads the counter and receives its errors.
        pipeline(payload, counter, () => {});
        done(null, counter);
      },
    ];
  });
};
