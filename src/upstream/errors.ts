/**
 * The server never began with the call, so that sending it again is always safe. Always the `cause` of an
 * `UpstreamError`.
 */
export class NotProcessedError extends Error {
  override readonly name = 'NotProcessedError';
}

/** No endpoint could take the call. */
export class NoEndpointError extends NotProcessedError {}

/**
 * The gateway has not sent the call: for lack of a call in a quota, or of an egress proxy. Says nothing about the
 * endpoint.
 */
export class WithheldError extends NotProcessedError {}

/** Reason of a gRPC call with a connection that was lost before its status had arrived. */
export const CONNECTION_LOST = 'the connection was lost';

/** The connection was lost together with the egress proxy behind it. Says nothing about the endpoint. */
export class LostProxyError extends Error {
  override readonly name = 'LostProxyError';
}

/**
 * An idle connection was closed before any part of the answer arrived: the server's idle timeout and the request crossed
 * (RFC 9112, 9.3.1). The server may have processed the request, so only idempotent calls are sent again. Each connection is
 * lost this way once, so an endpoint that resets every request still fails on its new connections, and a killed one on those
 * in use.
 */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

/** The connection was closing gracefully. Says nothing about the endpoint. */
export class LeftOutError extends NotProcessedError {}

/** An error thrown by the messages of a client-streaming call, as `cause`. Not a failure of the endpoint. */
export class RequestStreamError extends Error {
  override readonly name = 'RequestStreamError';

  constructor(call: string, cause: unknown) {
    super(`${call}: the messages of the request failed`, { cause });
  }
}
