import { createHash } from 'node:crypto';
import { type Principal, principalKey } from '../../request/principal.ts';

/** The caller for whom the credentials of a call are issued. */
export interface CallSubject {
  readonly principal: Principal;
  /** The caller's access token; null without one, or if the credentials are not made of it. */
  readonly token: string | null;
  /**
   * Part of the key of every shared call, stored answer and stored credential. Two subjects have the same key only if
   * principal and token are equal.
   */
  readonly key: string;
}

/** A user's token is hashed once, and not for each upstream and request. */
const known = new WeakMap<Principal, CallSubject>();

const hashed = (token: string): string => createHash('sha256').update(token).digest('base64url');

export const callSubject = (principal: Principal, token: string | null): CallSubject => {
  const key = principalKey(principal);
  if (token === null) return { principal, token, key };
  const before = known.get(principal);
  if (before?.token === token) return before;
  const subject = { principal, token, key: `${key} ${hashed(token)}` };
  known.set(principal, subject);
  return subject;
};

/** End of the caller's own credential in milliseconds since 1970; infinite if it is unknown. */
export const endOfCredential = ({ principal }: CallSubject): number => {
  if (principal.kind === 'api-key') return principal.expiresAt ?? Number.POSITIVE_INFINITY;
  const exp = principal.kind === 'user' ? Number(principal.claims?.exp ?? Number.NaN) : Number.NaN;
  return Number.isFinite(exp) ? exp * 1_000 : Number.POSITIVE_INFINITY;
};
