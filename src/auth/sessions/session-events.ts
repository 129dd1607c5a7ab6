/** A user of the provider. */
interface OfUser {
  readonly subject: string;
  readonly issuer: string;
}

/** An event of sessions, for logs. It has no token, and no value of a cookie. */
export type SessionEvent =
  | ({ readonly is: 'signed-in' | 'refreshed' } & OfUser)
  | ({ readonly is: 'signed-out'; readonly by: 'user' | 'provider' } & OfUser)
  /** The provider refused the refresh token: it was used twice, was revoked, or has expired. */
  | ({ readonly is: 'session-ended'; readonly reason: string } & OfUser)
  | { readonly is: 'sign-in-refused' | 'logout-token-refused' | 'provider-unavailable'; readonly reason: string };

export type ReportSession = (event: SessionEvent) => void;
