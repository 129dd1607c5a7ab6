import { createConnection } from 'node:net';
import type { EgressGuard } from '../../config/egress/egress-guard.ts';
import type { Clock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type Call, fork } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { CONNECTION_LOST, LostProxyError, NotProcessedError, StaleConnectionError, WithheldError } from '../errors.ts';
import { withheld } from '../quota/layer.ts';
import { notProcessed } from '../rest/transport-errors.ts';
import { isBodyConsumed } from '../retry/is-retryable.ts';
import { type AnsweredFailure, PROXY_REJECTIONS } from './absolute-form.ts';
import type { EgressProxy, ProxyLease, ProxyOutcome } from './egress-proxy.ts';
import { refusedThroughProxy } from './proxied-connection.ts';
import type { ProxyGroup } from './proxy-group.ts';
import { ProxyFailure } from './tunnel.ts';

/** One attempt. `Value` is its answer, as the protocol receives it. */
export interface ThroughProxies<Value> {
  readonly group: ProxyGroup;
  readonly call: Call;
  readonly endpoint: Endpoint;
  /** Sends the request of a call once, through this proxy. */
  readonly send: (proxy: EgressProxy, call: Call) => Promise<Value>;
  /** The end of a streamed answer; undefined for a complete one. */
  readonly endOf: (value: Value) => Promise<void> | undefined;
  /** Failure of the proxy in an answer of an `http:` endpoint; null for none. Default: none. */
  readonly failureIn?: (value: Value, call: Call) => AnsweredFailure | null;
  readonly guard: EgressGuard;
  readonly clock: Clock;
  /** Timeout of a connect to a proxy in milliseconds. */
  readonly connectTimeoutMs: number;
}

/** Maximum number of proxies that one attempt tries. */
const MAX_TRIED = 5;

/** What an attempt through one proxy has ended with. */
type Ended<Value> =
  | { readonly is: 'answer'; readonly value: Value }
  /** Another proxy may be tried. `blame`: `proxy`, or `unclear` if the backend may be the cause. */
  | {
      readonly is: 'next';
      readonly blame: 'proxy' | 'unclear' | 'target';
      readonly outcome: ProxyOutcome;
      readonly error: UpstreamError;
    }
  | { readonly is: 'end'; readonly outcome: ProxyOutcome; readonly error: unknown };

type Next = Extract<Ended<never>, { readonly is: 'next' }>;

const UNKNOWN: ProxyOutcome = { is: 'unknown' };
const FAILED: ProxyOutcome = { is: 'failed' };
const ANSWERED: ProxyOutcome = { is: 'answered' };

/** The half of an attempt's time has passed without a sign of life of the proxy. */
class ImpassiveProxyError extends Error {
  override readonly name = 'ImpassiveProxyError';
}

const isPlain = ({ url }: Endpoint): boolean => url.protocol === 'http:';

/** The meaning of a failed proxy for its own state and for the call. */
const afterFailure = (call: Call, failure: ProxyFailure, of: AnsweredFailure['of'] = 'proxy'): Next => {
  const reason = `no connection through an egress proxy (${failure.code})`;
  const withCause = (cause: NotProcessedError) => new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { cause });
  const ofProxy = () => withCause(new WithheldError(reason, { cause: failure }));
  const { status } = failure;
  if (failure.is === 'unreachable') return { is: 'next', blame: 'proxy', outcome: FAILED, error: ofProxy() };
  // Squid answers 503, tinyproxy 500 if the backend cannot be reached; others wait for it.
  if (status === null || (status >= 500 && status < 600)) {
    const cause = new NotProcessedError(reason, { cause: failure });
    return { is: 'next', blame: 'unclear', outcome: UNKNOWN, error: withCause(cause) };
  }
  if (PROXY_REJECTIONS.has(status))
    return {
      is: 'next',
      blame: 'proxy',
      outcome: { is: 'refused', retryAfterMs: failure.retryAfterMs, of },
      error: ofProxy(),
    };
  // It denies this host, as by an access list: other hosts may be allowed.
  const denied = new WithheldError(reason, { cause: failure });
  const error = new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { cause: denied, noRetry: true });
  return { is: 'next', blame: 'target', outcome: ANSWERED, error };
};

const failureOf = (error: unknown): ProxyFailure | null => {
  const cause = error instanceof UpstreamError ? error.cause : undefined;
  const original = cause instanceof NotProcessedError ? cause.cause : undefined;
  return original instanceof ProxyFailure ? original : null;
};

const isLost = (error: unknown): error is UpstreamError =>
  error instanceof UpstreamError &&
  (error.code === 'UPSTREAM_ERROR' || error.reason === CONNECTION_LOST) &&
  error.status === null &&
  !(error.cause instanceof StaleConnectionError) &&
  !(error.cause instanceof NotProcessedError);

/** True for an error status that has arrived through a tunnel: it is of the backend. */
const isOfBackend = (error: unknown, endpoint: Endpoint): boolean =>
  !isPlain(endpoint) && error instanceof UpstreamError && error.status !== null;

/** True if the proxy accepts connections. */
const isListening = ({ entry }: EgressProxy, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port, protocol } = new URL(entry.origin);
    const socket = createConnection({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      timeout: timeoutMs,
    });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });

const mayGoOn = (call: Call): boolean => call.idempotent && !isBodyConsumed(call);

/** One request through one proxy. */
const once = async <Value>(
  parts: ThroughProxies<Value>,
  lease: ProxyLease,
  tried: ReadonlySet<EgressProxy>,
): Promise<Ended<Value>> => {
  const { call, endpoint, group, clock } = parts;
  const { proxy } = lease;
  const forked = fork(call);
  // With CONNECT the connect timeout has passed before that.
  const watches = isPlain(endpoint) && mayGoOn(call);
  const halfMs = (call.deadline - clock.now()) / 2;
  const lookAgain = () => {
    if (proxy.hasAnsweredSince(lease.since) || !group.hasOthers(tried)) return;
    forked.abort(new ImpassiveProxyError('no answer through this egress proxy'));
  };
  const timer = watches && Number.isFinite(halfMs) ? clock.after(halfMs, lookAgain) : null;
  let ended: Promise<void> | undefined;
  try {
    const value = await parts.send(proxy, forked.call);
    ended = parts.endOf(value);
    const failed = isPlain(endpoint) ? (parts.failureIn?.(value, call) ?? null) : null;
    return failed === null ? { is: 'answer', value } : afterFailure(call, failed.failure, failed.of);
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== null) return afterFailure(call, failure);
    if (error instanceof ImpassiveProxyError) return afterFailure(call, new ProxyFailure('silent', 'PROXY_TIMEOUT'));
    if (isOfBackend(error, endpoint)) return { is: 'end', outcome: ANSWERED, error };
    if (call.signal.aborted || !isLost(error)) return { is: 'end', outcome: UNKNOWN, error };
    if (await isListening(proxy, parts.connectTimeoutMs)) return { is: 'end', outcome: UNKNOWN, error };
    const cause = new LostProxyError(error.reason, { cause: error });
    const lost = new UpstreamError('UPSTREAM_ERROR', call, error.reason, { cause });
    return mayGoOn(call)
      ? { is: 'next', blame: 'proxy', outcome: FAILED, error: lost }
      : { is: 'end', outcome: FAILED, error: lost };
  } finally {
    timer?.cancel();
    if (ended === undefined) forked.release();
    else void ended.then(forked.release, forked.release);
  }
};

/** The error after all proxies have failed, or none could be used. */
const exhausted = (
  { call }: Pick<ThroughProxies<never>, 'call'>,
  failures: readonly Next[],
  retryMs: number | null,
): UpstreamError => {
  if (retryMs === null) {
    const reason = 'no egress proxy has the labels of this upstream';
    return new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { cause: new WithheldError(reason), noRetry: true });
  }
  const last = failures.at(-1);
  // The backend is unreachable for all proxies that could try it.
  const ofBackend = failures.findLast(({ blame }) => blame === 'unclear');
  if (ofBackend !== undefined && failures.every(({ blame }) => blame !== 'proxy')) return ofBackend.error;
  if (last !== undefined && (retryMs === 0 || failures.every(({ blame }) => blame === 'target')))
    return (failures.findLast(({ blame }) => blame === 'proxy') ?? last).error;
  return withheld(call, 'all egress proxies are spent', Math.max(1, retryMs));
};

/**
 * Sends one attempt through the proxies of its upstream: through another one as long as nothing of it can have reached
 * the backend, or sending it twice does no harm.
 *
 * A proxy that rejects the attempt or cannot be reached has failed. One that does not answer, or reports that it cannot
 * reach the backend, has failed only if another proxy then passes on the answer: otherwise the backend is the cause, and
 * the error counts against its endpoint. All other errors of proxies do not.
 *
 * @throws UpstreamError RATE_LIMITED with `retryAfter` if all proxies are left alone or have no call left
 */
export const throughProxies = async <Value>(parts: ThroughProxies<Value>): Promise<Value> => {
  const { group, call, endpoint, guard } = parts;
  const refused = refusedThroughProxy(endpoint, guard);
  if (refused !== null) throw notProcessed(call, `cannot connect (${refused.code})`, refused);
  const tried = new Set<EgressProxy>();
  const unclear: ProxyLease[] = [];
  const failures: Next[] = [];
  try {
    while (tried.size < MAX_TRIED) {
      const lease = await group.take(call, tried);
      if (!('proxy' in lease)) throw exhausted(parts, failures, lease.retryMs);
      tried.add(lease.proxy);
      const ended = await once(parts, lease, tried);
      if (ended.is === 'answer' || (ended.is === 'end' && ended.outcome.is === 'answered')) {
        lease.end(ANSWERED);
        for (const earlier of unclear) earlier.end(FAILED);
        if (ended.is === 'answer') return ended.value;
      }
      if (ended.is === 'next' && ended.blame === 'unclear') unclear.push(lease);
      else lease.end(ended.outcome);
      if (ended.is === 'end') throw ended.error;
      failures.push(ended);
    }
    throw exhausted(parts, failures, 0);
  } finally {
    for (const lease of unclear) lease.end(UNKNOWN);
  }
};
