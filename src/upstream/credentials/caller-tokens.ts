import type { CallSubject } from './call-subject.ts';

/** Treatment of calls whose caller has no identity to issue a token for: refused, or sent without a token. */
export type WithoutIdentity = 'refuse' | 'send';

/** Tokens that are issued for one caller and one upstream. */
export interface CallerTokens {
  /**
   * Returns the caller's token, or a promise if it must be requested or signed first; null for a call without one.
   *
   * @throws NoTokenError; NoSubjectError; RefusedSubjectError; the signal's reason at an abort
   */
  token(subject: CallSubject | null, signal: AbortSignal): string | null | Promise<string | null>;
  /** Obtains another token than a refused one. Resolves to false if there is none. */
  renew(subject: CallSubject | null, refused: string, signal: AbortSignal): Promise<boolean>;
  /** Ends the requests in flight. */
  close(): void;
}

/** The caller has no identity that a token can be issued for. */
export class NoSubjectError extends Error {
  override readonly name = 'NoSubjectError';
  /** True for an anonymous caller: a sign-in helps. */
  readonly isAnonymous: boolean;

  constructor(subject: CallSubject | null) {
    super('the caller has no access token');
    this.isAnonymous = subject === null || subject.principal.kind === 'anonymous';
  }
}

/** The authorization server issues no token for this caller. */
export class RefusedSubjectError extends Error {
  override readonly name = 'RefusedSubjectError';
}
