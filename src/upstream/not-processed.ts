/** The server never began with the call, so sending it again is safe whatever it does. Always the `cause` of an `UpstreamError`. */
export class NotProcessedError extends Error {
  override readonly name = 'NotProcessedError';
}

/** There was no endpoint that the call could be sent to. */
export class NoEndpointError extends NotProcessedError {}

/**
 * An idle connection was closed before any part of the answer arrived: the server's idle timeout and the request crossed
 * (RFC 9112, 9.3.1). The server may have processed the request, so only idempotent calls are sent again. Each connection is
 * lost this way once, so an endpoint that resets every request still fails on its new connections, and a killed one on those
 * in use.
 */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

/** The connection was about to go away, as connections do; the endpoint may be as well as ever. */
export class LeftOutError extends NotProcessedError {}
