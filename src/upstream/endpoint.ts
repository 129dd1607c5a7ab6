/** One address of an upstream. */
export interface Endpoint {
  /** Scheme `http:`, `https:`, `grpc:` or `grpcs:`. The path, if any, is kept in front of every call's own. */
  readonly url: URL;
  /** Share of the calls beside the other endpoints' weights. Default 1. */
  readonly weight: number;
  /** Calls in flight at one time; more are sent elsewhere, or refused. Default: no limit. */
  readonly max: number;
}
