/** Headers of a message, names in lower case. */
export type HeaderValues = Readonly<Record<string, string>>;

/** AuthzDecision of the authorisation service about one request. */
export type AuthzDecision =
  | {
      readonly is: 'allowed';
      /** Headers of the answer. */
      readonly headers: HeaderValues;
      /** Headers of the client that no backend receives. */
      readonly removed: readonly string[];
    }
  | {
      readonly is: 'denied';
      readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN';
      /** Headers of the answer. */
      readonly headers: HeaderValues;
    };

/** The parts of a client's request that the service decides by. Nothing else is sent. */
export interface CheckedRequest {
  readonly method: string;
  /** Path and query, as the client sent them. */
  readonly url: string;
  readonly scheme: 'http' | 'https';
  /** Host of the request; empty for none. */
  readonly host: string;
  readonly clientAddress: string;
  /** The declared headers of the client, names in lower case. */
  readonly headers: HeaderValues;
}

/** Bounds of one check. */
export interface CheckLimits {
  /** Latest time of a decision, on the clock's scale. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** The authorisation service. */
export interface AuthorizationService {
  /** Rejects if the service has not decided, whatever the reason is. */
  check(request: CheckedRequest, limits: CheckLimits): Promise<AuthzDecision>;
}
