/** The server never began with the call, so sending it again is safe whatever it does. Always the `cause` of an `UpstreamError`. */
export class NotProcessedError extends Error {
  override readonly name = 'NotProcessedError';
}
