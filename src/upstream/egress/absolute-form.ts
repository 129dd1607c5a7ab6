import type { Call } from '../call.ts';
import type { RawAnswer } from '../rest/exchange.ts';
import type { ProxyOutcome } from './egress-proxy.ts';
import { answeredFailure, type ProxyFailure } from './tunnel.ts';

/** Failure of a proxy that an answer reports. `of` as in `ProxyOutcome`. */
export interface AnsweredFailure {
  readonly failure: ProxyFailure;
  readonly of: Extract<ProxyOutcome, { readonly is: 'refused' }>['of'];
}

const UNAUTHORIZED = 401;
const PROXY_AUTHENTICATION_REQUIRED = 407;
const TOO_MANY_REQUESTS = 429;

/** True if a proxy has made this answer itself (RFC 9209; Squid's own header; tinyproxy's name). */
const isMarked = ({ headers }: RawAnswer): boolean =>
  headers['x-squid-error'] !== undefined ||
  /^tinyproxy\b/.test(headers.server ?? '') ||
  /;\s*error\s*=/.test(headers['proxy-status'] ?? '');

/** Statuses by which a proxy rejects the gateway. tinyproxy answers 401 to a wrong password. */
export const PROXY_REJECTIONS: ReadonlySet<number> = new Set([
  UNAUTHORIZED,
  PROXY_AUTHENTICATION_REQUIRED,
  TOO_MANY_REQUESTS,
]);

/**
 * Failure of the proxy that an answer to an absolute-form request reports; null for an answer of the backend. A 429
 * without `Via` (RFC 9110, 7.6.3) may be from either. It is that of the proxy for this upstream, for reads of an upstream
 * that does not distinguish callers: the quota of one caller must not pause a proxy for others.
 */
export const absoluteFormFailure = (raw: RawAnswer, call: Call): AnsweredFailure | null => {
  const { status, headers } = raw;
  if (!PROXY_REJECTIONS.has(status)) return null;
  const failure = answeredFailure(status, headers);
  if (status === PROXY_AUTHENTICATION_REQUIRED || isMarked(raw)) return { failure, of: 'proxy' };
  const mayBeProxy = status === TOO_MANY_REQUESTS && headers.via === undefined;
  return mayBeProxy && call.idempotent && call.isIdentified !== true ? { failure, of: 'upstream' } : null;
};
