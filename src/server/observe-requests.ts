import { pipeline, type Readable, Transform } from 'node:stream';
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { DoneFuncWithErrOrRes, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Clock, systemClock } from '../clock.ts';
import * as names from '../telemetry/names.ts';
import { requestTrace, untraced } from '../telemetry/open-trace.ts';
import type { OpenSpan, RequestTrace } from '../telemetry/request-trace.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { extractTrace } from '../telemetry/trace-context.ts';
import { type AccessEntry, accessEntry, pathOf, statusOf } from './access-log.ts';

export interface ObserveOptions {
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** Gets an entry for every request that has ended, probes left out. */
  readonly access: (entry: AccessEntry) => void;
}

/** What is known of a request between its two ends. */
interface Observed {
  readonly span: OpenSpan;
  readonly startedAt: number;
  /** Of a body that is streamed; null where its length was known. */
  streamed: number | null;
  isOver: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where nobody observes this request; absent where nobody observes any. */
    observed?: Observed | null;
  }
}

/** Where in its trace a request is. */
export const traceOf = (request: FastifyRequest): RequestTrace => request.observed?.span ?? untraced(systemClock);

/** Takes the codes from an answer that was refused before an operation was known, and that nobody has spoken for yet. */
export const noteRefusal = (request: FastifyRequest, status: number, body: string): void => {
  const { record } = traceOf(request);
  if (status < 400 || record.errorCodes.length > 0) return;
  for (const [, code = ''] of body.matchAll(/"code":"([A-Z_]{1,64})"/g)) record.failed(code);
};

// Asked every few seconds, by machines that look at nothing but the status.
const UNOBSERVED: ReadonlySet<string> = new Set(['/livez', '/readyz']);

const LONGEST_AGENT = 256;

const routeOf = (request: FastifyRequest): string | null => (request.is404 ? null : (request.routeOptions.url ?? null));

const described = (request: FastifyRequest, route: string | null): Attributes => ({
  [names.ATTR_HTTP_REQUEST_METHOD]: request.method,
  [names.ATTR_URL_PATH]: pathOf(request),
  [names.ATTR_URL_SCHEME]: request.client.scheme,
  [names.ATTR_REQUEST_ID]: request.id,
  ...(route === null ? {} : { [names.ATTR_HTTP_ROUTE]: route }),
  [names.ATTR_USER_AGENT_ORIGINAL]: (request.headers['user-agent'] ?? '').slice(0, LONGEST_AGENT),
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
  const status = statusOf(reply);
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

/** Traces, measures and logs what arrives. Call it before any other hook is added: what those refuse is seen as well. */
export const observeRequests = (app: FastifyInstance, options: ObserveOptions): void => {
  app.decorateRequest('observed', null);
  app.addHook('onRequest', (request, reply, done) => {
    if (!UNOBSERVED.has(request.routeOptions.url ?? '')) {
      const observed = begin(request, options);
      request.observed = observed;
      const { traceId } = observed.span;
      if (traceId !== null) reply.header(names.TRACE_ID_HEADER, traceId);
      // Not Fastify's onResponse, which hears nothing of a client that has left. Nor does the answer, while it waits for its turn.
      const over = (): void => end(request, reply, observed, options);
      reply.raw.once('close', over);
      request.raw.once('close', () => {
        if (request.raw.socket.destroyed) over();
      });
    }
    done();
  });
};

// Not instanceof: the streams of libraries need not be Node's own.
const isStream = (payload: unknown): payload is Readable =>
  typeof payload === 'object' && payload !== null && 'pipe' in payload;

/** Counts the bytes of bodies that are streamed. Call it after whatever turns a body into a stream. */
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
        // Its errors arrive at the counter's reader, which is Fastify.
        pipeline(payload, counter, () => {});
        done(null, counter);
      },
    ];
  });
};
