import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { Credential } from '../../auth/authenticator.ts';
import type { Clock } from '../../core/clock.ts';
import type { LimitedRequest } from '../../rate-limit/rules/limited-request.ts';
import { ANONYMOUS, type Principal } from '../../request/principal.ts';
import type { Audit } from '../../telemetry/audit/audit-event.ts';
import type { Log } from '../../telemetry/log/log.ts';
import * as names from '../../telemetry/names.ts';
import { requestTrace } from '../../telemetry/open-trace.ts';
import type { OpenSpan } from '../../telemetry/request-trace.ts';
import { noTelemetry, type Telemetry } from '../../telemetry/telemetry.ts';
import { extractTrace } from '../../telemetry/trace-context.ts';
import type { Client } from '../client/client.ts';
import type { OperationRules } from '../client/operation-rules.ts';
import { compressed, varyOf } from '../listener/compression.ts';
import { isStillArriving, lingeringAnswer } from '../listener/lingering-close.ts';
import { isProbe } from '../listener/probes.ts';
import { type Rejection, rejectionBody, rejectionOf } from '../listener/rejection.ts';
import { REQUEST_ID_HEADER, requestIdOf } from '../listener/request-id.ts';
import { challengeOf } from '../protected-resource/resource-metadata.ts';
import { type AccessEntry, accessEntry, loggedStatus, pathOf } from './access-log.ts';
import { type RequestAuditEvent, refusedAccess, requestAuditEvent } from './audited-request.ts';
import type { BatchedOperation } from './batched-operation.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { writeText } from './write-text.ts';

/** Headers of a response, with names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string>>;

export interface ObserveOptions {
  readonly telemetry: Telemetry;
  /** Receives an entry for every completed or aborted request except probes. */
  readonly access: (entry: AccessEntry) => void;
}

/** The parts of a listener that its exchanges share. */
export interface ExchangeOptions {
  /** Default: none. */
  readonly audit?: Audit | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Maximum bytes of a request body. */
  readonly maxBodyBytes: number;
  readonly readClient: (request: IncomingMessage) => Client;
  /** Headers of every response to a page of this origin. */
  readonly corsHeaders: (origin: string | undefined) => AnswerHeaders;
  /** Headers of every response. Default: SECURITY_HEADERS. */
  readonly responseHeaders?: AnswerHeaders;
  /** Further headers of every response to a request over TLS. Default: none. */
  readonly secureHeaders?: AnswerHeaders;
  /** URL of the metadata of this gateway as a protected resource, for challenges. Default null. */
  readonly resourceMetadata?: string | null;
  /** True if the connection must close after the response to this request. */
  readonly mustClose: (request: IncomingMessage) => boolean;
  /** Null: requests are not traced, measured or logged. */
  readonly observe: ObserveOptions | null;
}

const JSON_TYPE = 'application/json; charset=utf-8';

const MAX_AGENT_LENGTH = 256;

/** Milliseconds for a client to take a response, and bytes that it must take in each further millisecond. */
const TAKING_MS = 30_000;
const MIN_BYTES_PER_MS = 4;
/** Milliseconds from the reset of a response to the loss of its connection, for a client that reads nothing at all. */
const RESET_MS = 1_000;

/**
 * One request and its response: client, trace, answer, log line and metrics. Every request has one, on its way through
 * Fastify and on the direct way. It begins when it is the turn of the request, and ends when the response was sent or the
 * client disconnected.
 */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path of the route; null for none. */
  readonly route: string | null;
  readonly id: string;
  readonly client: Client;
  /** Anonymous until the caller is identified. */
  principal: Principal = ANONYMOUS;
  /** The credential that identified the caller; null for an anonymous one. */
  credential: Credential | null = null;
  /** The limits of the request; null without limits, and before the caller is identified. */
  limits: LimitedRequest | null = null;
  /** Called before the head of a response is sent of which the body follows as a stream. */
  onBegin: (() => void) | null = null;
  /** The rules of requests that read the operation; null for none. */
  rules: OperationRules | null = null;
  /** The operations of a batch; null for another request. */
  batch: readonly BatchedOperation[] | null = null;
  /** The span of the request, and its record. */
  readonly trace: OpenSpan;
  /** Headers of every response to this request, in addition to its own. */
  readonly headers: Record<string, string>;
  /** Bytes of the response body. */
  bytes = 0;
  isOver = false;
  /** True if the gateway ended the response before it was complete. */
  isCut = false;
  /** The body of a rejection. Default: a GraphQL error. */
  bodyOf: (rejected: Rejection, requestId: string) => string = rejectionBody;
  readonly #options: ExchangeOptions;
  readonly #observe: ObserveOptions | null;
  readonly #startedAt: number;
  readonly #ends: (() => void)[] = [];
  /** True if the writer of the body bounds the time in which the client must take it. */
  #isBounded = false;

  constructor(options: ExchangeOptions, request: IncomingMessage, response: ServerResponse, route: string | null) {
    const { headers } = request;
    this.request = request;
    this.response = response;
    this.#options = options;
    // Probes run every few seconds and need only the status.
    this.#observe = isProbe(route) ? null : options.observe;
    this.route = route;
    this.#startedAt = options.clock.now();
    this.id = requestIdOf(headers);
    this.client = options.readClient(request);
    this.trace = this.#open();
    const { traceId } = this.trace;
    this.headers = {
      ...(this.#observe === null || traceId === null ? {} : { [names.TRACE_ID_HEADER]: traceId }),
      ...(options.responseHeaders ?? SECURITY_HEADERS),
      ...(this.client.scheme === 'https' ? options.secureHeaders : null),
      [REQUEST_ID_HEADER]: this.id,
      ...options.corsHeaders(headers.origin),
    };
    response.once('close', () => this.#end());
    // Over HTTP/1.1 only long texts do not fit into the buffers of the system.
    if (request.httpVersionMajor === 2) response.once('prefinish', () => this.#limitTaking());
    // A response does not close while an earlier one of its connection is sent.
    request.once('close', () => {
      if (request.socket.destroyed) this.#end();
    });
  }

  /** Calls `run` at the end of the exchange: the response was sent, or the client disconnected. */
  onEnd(run: () => void): void {
    this.#ends.push(run);
  }

  /**
   * Sends a response of `text` and `lastText`. A long body is compressed as the client accepts. A header that cannot be
   * sent is an INTERNAL_SERVER_ERROR. `lastText` is ASCII.
   */
  answer(status: number, own: AnswerHeaders, text: string, lastText = ''): void {
    const headers: Record<string, string> = { ...this.headers, ...own };
    if (own['content-type'] !== undefined) headers.vary = varyOf(this.headers.vary, own.vary);
    const coded = own['content-encoding'] === undefined ? compressed(text + lastText, this.request.headers) : null;
    if (coded === null) {
      this.#write(status, headers, text, lastText);
      return;
    }
    headers['content-encoding'] = coded.coding;
    if (coded.body instanceof Promise)
      coded.body.then(
        (body) => this.#write(status, headers, body),
        (error) => this.reject(error),
      );
    else this.#write(status, headers, coded.body);
  }

  /** Writes the head of a response. The caller writes the body, and bounds its time. @throws Error for headers that cannot be sent */
  begin(status: number, headers: Record<string, string | readonly string[]>): void {
    this.#isBounded = true;
    this.onBegin?.();
    if (this.#options.mustClose(this.request)) headers.connection = 'close';
    // Node copies the lists; its type does not say so.
    this.response.writeHead(status, headers as Record<string, string | string[]>);
  }

  /** Ends a response that has begun and cannot be completed, for the reason `code`. */
  cut(code: string): void {
    if (this.isOver) return;
    this.isCut = true;
    this.trace.record.failed(code);
    this.response.destroy();
    // The frame that resets a stream waits behind others.
    const timer = this.#options.clock.after(RESET_MS, () => this.request.socket.destroy());
    this.onEnd(() => timer.cancel());
  }

  /** Cuts a completely written response, unless the client takes it in time. */
  #limitTaking(): void {
    if (this.#isBounded || this.isOver) return;
    const { writableLength } = this.response;
    const timer = this.#options.clock.after(TAKING_MS + writableLength / MIN_BYTES_PER_MS, () => this.cut('TIMEOUT'));
    this.onEnd(() => timer.cancel());
  }

  /** Adds an event about this request to the audit log. */
  audit(event: RequestAuditEvent): void {
    this.#options.audit?.record(requestAuditEvent(this, event));
  }

  #write(status: number, headers: Record<string, string>, body: string | Buffer, lastText = ''): void {
    if (this.isOver) return;
    this.bytes = Buffer.byteLength(body) + lastText.length;
    headers['content-length'] = String(this.bytes);
    if (this.#options.mustClose(this.request)) headers.connection = 'close';
    try {
      this.response.writeHead(status, headers);
    } catch (error) {
      this.reject(error);
      return;
    }
    if (typeof body === 'string') writeText(this.response, body, lastText);
    else this.response.end(body);
    if (this.request.httpVersionMajor === 1 && this.response.writableLength > 0) this.#limitTaking();
  }

  /** Sends the rejection for an error. No effect after a disconnect of the client. */
  reject(error: unknown): void {
    const { request, response } = this;
    const { clock, log, maxBodyBytes } = this.#options;
    if (this.isOver || response.headersSent) return;
    const rejected = rejectionOf(error, maxBodyBytes);
    if (rejected.code === 'INTERNAL_SERVER_ERROR') log.error('A request failed.', { requestId: this.id, error });
    // The error of an operation that a limit or a rule refused was counted with its result.
    if (!this.trace.record.errorCodes.includes(rejected.code)) this.trace.record.failed(rejected.code);
    const body = this.bodyOf(rejected, this.id);
    const challenge = challengeOf(rejected, this.#options.resourceMetadata ?? null);
    const headers = { 'content-type': JSON_TYPE, ...rejected.headers, ...challenge, 'cache-control': 'no-store' };
    if (!isStillArriving(request)) {
      this.answer(rejected.status, headers, body);
      return;
    }
    this.bytes = Buffer.byteLength(body);
    response.writeHead(rejected.status, {
      ...this.headers,
      ...headers,
      vary: varyOf(this.headers.vary),
      'content-length': String(this.bytes),
      connection: 'close',
    });
    lingeringAnswer(request, response, body, clock);
  }

  get #name(): string {
    const { method = '' } = this.request;
    return this.route === null ? method : `${method} ${this.route}`;
  }

  #open(): OpenSpan {
    const { request, client } = this;
    const { clock } = this.#options;
    const telemetry = this.#observe?.telemetry ?? noTelemetry;
    const parent = extractTrace(request.headers, client.isForwarded);
    const span = requestTrace(telemetry, clock, parent).start(this.#name, SpanKind.SERVER);
    if (span.isRecording) span.set(this.#attributes());
    telemetry.metrics.requestStarted();
    return span;
  }

  #attributes(): Attributes {
    const { request, client, id } = this;
    return {
      [names.ATTR_HTTP_REQUEST_METHOD]: request.method,
      [names.ATTR_URL_PATH]: pathOf(request),
      [names.ATTR_URL_SCHEME]: client.scheme,
      [names.ATTR_REQUEST_ID]: id,
      ...(this.route === null ? {} : { [names.ATTR_HTTP_ROUTE]: this.route }),
      [names.ATTR_USER_AGENT_ORIGINAL]: (request.headers['user-agent'] ?? '').slice(0, MAX_AGENT_LENGTH),
    };
  }

  #end(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const run of this.#ends) run();
    for (const operation of this.batch ?? [this]) this.#auditRefusal(operation);
    if (this.#observe !== null) this.#report(this.#observe);
  }

  #auditRefusal({ id, trace }: Pick<BatchedOperation, 'id' | 'trace'>): void {
    const refused = refusedAccess(this.request, trace.record);
    if (refused !== null) this.#options.audit?.record({ ...requestAuditEvent(this, refused), requestId: id });
  }

  #report({ telemetry, access }: ObserveOptions): void {
    const { request, trace } = this;
    const durationMs = this.#options.clock.now() - this.#startedAt;
    const status = loggedStatus(this);
    telemetry.metrics.requestEnded({ method: request.method ?? '', route: this.route, status, durationMs });
    if (trace.isRecording) {
      const { errorCodes: codes, unplacedErrors: unplaced } = trace.record;
      trace.set({
        [names.ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
        ...(codes.length === 0 ? {} : { [names.ATTR_ERROR_CODES]: [...codes] }),
        ...(unplaced.length === 0 ? {} : { [names.ATTR_UNPLACED_ERRORS]: [...unplaced] }),
      });
    }
    trace.end(status >= 500 ? String(status) : undefined);
    access(accessEntry(this, durationMs));
  }
}
