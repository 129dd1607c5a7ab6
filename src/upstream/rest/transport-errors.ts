import { GatewayError, UpstreamError } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import { NotProcessedError, StaleConnectionError } from '../errors.ts';
import { BodySourceError } from '../stream/body-stream.ts';
import { HandshakeError, isClientCertificateAlert } from '../tls/handshake-failure.ts';

/** Codes of undici's errors for a request that HTTP/1.1 cannot express. It is never sent. */
const UNSENDABLE: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

// With several addresses, Node reports the code of each in the inner errors only.
const codeOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return 'unknown';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof AggregateError ? codeOf(cause.errors[0]) : 'unknown';
};

/** The error of a call that was never sent: a retry is safe even for a write. */
export const notProcessed = (call: Call, reason: string, original?: unknown): UpstreamError => {
  const cause = new NotProcessedError(reason, original === undefined ? undefined : { cause: original });
  return new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { cause });
};

/** The error of a call after a failed TLS handshake. */
export const handshakeError = (call: Call, cause: Error): UpstreamError =>
  notProcessed(call, `TLS: ${cause.message}`, cause);

/** State of an exchange at its failure. */
export interface Progress {
  /** True once undici has begun to write the request. Before that, nothing has left the socket. */
  readonly started: boolean;
  /** True for a connection that was idle before this request. */
  readonly wasIdle: boolean;
  /** True once the status and headers of the answer have arrived. */
  readonly answered: boolean;
}

/**
 * Maps undici's error to an `UpstreamError` with undici's code and no address in its message. The failure of a body's
 * source is returned unchanged.
 */
export const transportError = (call: Call, cause: unknown, { started, wasIdle, answered }: Progress): Error => {
  if (cause instanceof GatewayError || cause instanceof BodySourceError) return cause;
  // With TLS 1.3 the request may have been sent before the refusal. The server has read none of it.
  if (cause instanceof HandshakeError && !answered) return handshakeError(call, cause);
  const code = codeOf(cause);
  // Over HTTP/2, undici reports the alert itself.
  if (!answered && isClientCertificateAlert(cause))
    return notProcessed(call, `TLS: the server refuses the client certificate (${code})`, cause);
  if (UNSENDABLE.has(code) && !started)
    return new UpstreamError('INTERNAL_SERVER_ERROR', call, `request cannot be encoded as HTTP/1.1 (${code})`, {
      cause,
    });
  if (!started) return notProcessed(call, `cannot connect (${code})`, cause);
  const reason = `the connection failed (${code})`;
  const isStale = wasIdle && !answered;
  return new UpstreamError('UPSTREAM_ERROR', call, reason, {
    cause: isStale ? new StaleConnectionError(reason, { cause }) : cause,
  });
};
