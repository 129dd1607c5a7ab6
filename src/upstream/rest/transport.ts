import { DEFAULT_GUARD, type EgressGuard } from '../../config/egress/egress-guard.ts';
import type { Clock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type Answer, type Call, isPassed, type RestMessage, type Send } from '../call.ts';
import { NO_PROXIES, type ProxiesOf } from '../egress/egress.ts';
import { endpointReach } from '../egress/endpoint-reach.ts';
import type { ProxyRegistry } from '../egress/proxy-registry.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Reach } from '../endpoints/health-check.ts';
import type { ErrorOutcome, RestErrorResponse } from '../error-response/map-error-response.ts';
import { defaultTls, type UpstreamTls } from '../tls/upstream-tls.ts';
import { ACCEPTED_CODINGS } from './answer/decompress.ts';
import { headFault, mayBeCut, readBody, truncated } from './answer/read-body.ts';
import type { AnswerHead, AnswerRules, RawAnswer } from './exchange.ts';
import { isNotModified } from './not-modified.ts';
import { withOwnReferences } from './own-references.ts';
import type { ConnectionLimits } from './pools.ts';
import { type FieldName, type HttpStatusCodes, problemError } from './problem-details.ts';
import { type RedirectSettings, redirected } from './redirect.ts';
import { unlessRefused } from './refused-answer.ts';
import { RequestSender } from './request-sender.ts';
import type { RestRequest } from './rest-request.ts';
import { notProcessed } from './transport-errors.ts';

export interface RestTransportOptions {
  readonly clock: Clock;
  /** Maximum size of a body, both received and decoded. */
  readonly maxResponseBytes: number;
  /** Timeout of a connect in milliseconds, TLS handshake included. */
  readonly connectTimeoutMs: number;
  /** Limits for each endpoint. Default: 256 connections, kept as long as they are used. */
  readonly limits?: ConnectionLimits;
  /** Header that carries the milliseconds until the deadline to the backend; null for none. Default null. */
  readonly deadlineHeader?: string | null;
  /** Header that carries the number of the attempt to the backend; null for none. Default null. */
  readonly attemptHeader?: string | null;
  /** Error codes of statuses that differ from the defaults. */
  readonly codes?: HttpStatusCodes;
  /** Returns the error for an error response. Default: the usual error. */
  readonly map?: (response: RestErrorResponse) => ErrorOutcome;
  /** Name of a field in the violations of an error. Default: as in the response. */
  readonly fieldName?: FieldName;
  /** Redirects that are followed. Default: none. */
  readonly redirects?: RedirectSettings;
  /** True to request compressed answers. Compressed answers are decoded in any case. Default false. */
  readonly compression?: boolean;
  /**
   * True to offer HTTP/2 to `https:` endpoints. Default false, because undici 8.12 has three faults there (decision 54): it
   * never detects a dead connection (a timed-out call ends its stream and keeps the connection), it may fail calls that
   * meet a graceful GOAWAY, and it ignores `callsPerConnection`.
   */
  readonly http2?: boolean;
  /** TLS to `https:` endpoints, closed by the transport. Default: the authorities that Node trusts, and no client certificate. */
  readonly tls?: UpstreamTls;
  /** Decides which addresses may be connected to. Default: all but reserved ones. */
  readonly guard?: EgressGuard;
  /** Proxies of each endpoint. Default: none. */
  readonly proxiesOf?: ProxiesOf;
  /** The proxies of which connections are closed when they leave the list. Default: none. */
  readonly proxies?: Pick<ProxyRegistry, 'onRemoved'> | null;
}

const NO_REDIRECTS: RedirectSettings = { max: 0, origins: [] };

/** The transport: the bottom of a stack, which sends calls over the network. */
export interface Transport {
  readonly send: Send;
  /** Connects to an endpoint as calls do, for a health check. Default: directly. */
  readonly reach?: Reach;
  /** TLS of its connections. Absent for a transport without a network. */
  readonly tls?: UpstreamTls;
  /** Waits for an endpoint's calls to end, then closes its connections. Another call to it opens new ones. */
  release(endpoint: Endpoint): Promise<void>;
  /** Waits for all calls in flight to end, then closes every connection. Later calls are rejected. */
  close(): Promise<void>;
}

export interface RestRequestOptions {
  readonly clock: Clock;
  /** Header with the milliseconds until the deadline; null for none. */
  readonly deadlineHeader: string | null;
  /** Header with the number of the attempt; null for none. */
  readonly attemptHeader: string | null;
  /** True to accept compressed answers. */
  readonly compression: boolean;
}

/** Returns the function that makes the HTTP request of a call. */
export const restRequests =
  ({ clock, deadlineHeader, attemptHeader, compression }: RestRequestOptions) =>
  (call: Call, { method, target, body, as }: RestMessage, basePath: string): RestRequest => {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-encoding': compression ? ACCEPTED_CODINGS : 'identity',
      'user-agent': 'tributary',
      ...call.headers,
    };
    if (body !== null && as !== 'raw') headers['content-type'] ??= 'application/json';
    if (deadlineHeader !== null && Number.isFinite(call.deadline))
      headers[deadlineHeader] = String(Math.max(1, Math.floor(call.deadline - clock.now())));
    if (attemptHeader !== null) headers[attemptHeader] = String(call.attempt);
    const request: RestRequest = { method, path: basePath + target, headers, body, servername: 'endpoint' };
    return as === 'socket' ? { ...request, upgrade: 'websocket' } : request;
  };

const rulesFor = (call: Call, message: RestMessage, maxBytes: number, http2: boolean): AnswerRules => ({
  maxBytes,
  hasBody: message.method !== 'HEAD',
  isStream: message.as === 'stream',
  isRaw: message.as === 'raw' ? message.accepts : undefined,
  faultOf: (head: AnswerHead) => headFault(call, message, head, http2),
});

/**
 * The answer of a pass-through route, whose client follows redirects itself; null for a status that the route does not
 * pass on.
 */
const passedAnswer = (answer: RawAnswer, endpoint: Endpoint, basePath: string): Answer | null => {
  const { status, headers, size, raw, socket } = answer;
  if (socket !== undefined) return { status, headers, size, value: socket };
  if (raw === undefined) return null;
  return { status, headers: withOwnReferences(headers, endpoint, basePath), size, value: raw, ended: raw.ended };
};

const senderWith = (
  {
    clock,
    connectTimeoutMs,
    http2 = false,
    limits = {},
    redirects = NO_REDIRECTS,
    guard = DEFAULT_GUARD,
    proxiesOf = NO_PROXIES,
    proxies = null,
  }: RestTransportOptions,
  tls: UpstreamTls,
): RequestSender =>
  new RequestSender({
    pools: { connectTimeoutMs, limits, http2, tls, guard, clock },
    origins: redirects.origins,
    proxiesOf,
    proxies,
  });

/**
 * The REST transport: HTTP/1.1, with one pool of kept-alive connections for each endpoint. A redirect is followed within
 * the attempt.
 */
export const restTransport = (options: RestTransportOptions): Transport => {
  const {
    clock,
    maxResponseBytes,
    deadlineHeader = null,
    attemptHeader = null,
    compression = false,
    http2 = false,
    tls = defaultTls(clock),
    redirects = NO_REDIRECTS,
  } = options;
  const sender = senderWith(options, tls);
  const requestOf = restRequests({ clock, deadlineHeader, attemptHeader, compression });
  let closed = false;

  const answerOf = (call: Call, message: RestMessage, raw: RawAnswer): Answer => {
    const { status, headers, size, body, stream } = raw;
    if (stream !== null) return { status, headers, size, value: stream.value, ended: stream.ended };
    if (isNotModified(call, status)) return { status, headers, size, value: undefined };
    const answer = { status, headers, size, plainSize: body.length, value: readBody(call, message, raw) };
    const map = message.statusOnly === true ? undefined : options.map;
    if (status >= 300 || isPassed(call)) throw problemError(call, answer, options.codes, map, options.fieldName);
    if (!http2 && mayBeCut(answer.value, message, raw)) throw truncated(call);
    return answer;
  };

  return {
    send: async (call) => {
      const { endpoint, message } = call;
      if (endpoint === null || message.protocol !== 'rest')
        throw new Error(`${call.route}: the call has no endpoint or is not a REST call`);
      call.signal.throwIfAborted();
      if (closed) throw notProcessed(call, 'this transport is closed');
      const basePath = sender.basePathOf(endpoint);
      const rules = rulesFor(call, message, maxResponseBytes, http2);
      let sent = {
        origin: endpoint.url.origin,
        request: requestOf(call, message, basePath),
        isIdempotent: call.idempotent,
      };
      let raw = await sender.send(sent.request, endpoint, sent.origin, call, rules);
      const accepted = unlessRefused(call, endpoint, raw, tls);
      raw = accepted instanceof Promise ? await accepted : accepted;
      if (isPassed(call)) return passedAnswer(raw, endpoint, basePath) ?? answerOf(call, message, raw);
      for (let followed = 0; raw.status >= 300; followed += 1) {
        const next = redirected(sent, raw, redirects);
        if (next === null) break;
        if (followed === redirects.max)
          throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `more than ${redirects.max} redirects`, {
            status: raw.status,
          });
        sent = { ...sent, ...next };
        raw = await sender.send(sent.request, endpoint, next.origin, call, rules);
      }
      return answerOf(call, message, raw);
    },
    tls,
    reach: endpointReach(options),
    release: (endpoint) => sender.release(endpoint),
    close: async () => {
      closed = true;
      await sender.close();
    },
  };
};
