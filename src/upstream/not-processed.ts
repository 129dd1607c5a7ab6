/** The server never began with the call, so sending it again is safe whatever it does. Always the `cause` of an `UpstreamError`. */
export class NotProcessedError extends Error {
  override readonly name = 'NotProcessedError';
}

/** There was no endpoint that the call could be sent to. */
export class NoEndpointError extends NotProcessedError {}

/** The connection was about to go away, as connections do; the endpoint may be as well as ever. */
export class LeftOutError extends NotProcessedError {}
