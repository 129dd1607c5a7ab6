import { type Clock, type Timer, wallTime } from '../../core/clock.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { VerifyAgain } from '../graphql/authentication.ts';

/** Milliseconds between two verifications of the credential of a request in flight. */
const EVERY_MS = 5_000;
/** By this much, at most, they are earlier: many streams that began together do not stay together. */
const SPREAD_MS = 1_000;

/** Expiry of the caller's credential in milliseconds since 1970; undefined or NaN without one. */
const credentialEnd = ({ client, principal }: Exchange): number | undefined => {
  switch (principal.kind) {
    case 'user':
      return Number(principal.claims?.exp ?? Number.NaN) * 1_000;
    case 'certificate':
      return client.certificate?.validTo;
    case 'api-key':
      return principal.expiresAt;
    case 'anonymous':
      return undefined;
  }
};

/** Milliseconds until the credential of the caller expires; infinite without an expiry. */
export const credentialLifeMs = (exchange: Exchange): number => {
  const end = credentialEnd(exchange);
  return end !== undefined && Number.isFinite(end) ? Math.max(0, end - wallTime()) : Number.POSITIVE_INFINITY;
};

export interface CredentialWatchOptions {
  readonly clock: Clock;
  readonly verifyAgain: VerifyAgain;
}

/** A watch, and the function that is called once the credential identifies its caller no longer. */
export interface WatchedExchange {
  readonly ended: () => void;
  /** True for a transfer that may be completed after the credential has expired. It ends if it is revoked before. */
  readonly mayOutlive: boolean;
}

/**
 * Verifies the credential of a long request again every 4 to 5 seconds: a sign-out or a revocation ends what has begun
 * before it. One verification at a time, without a result while a store or a service does not answer. Returns the function
 * that ends the watch.
 */
export const watchCredential = (
  exchange: Exchange,
  { clock, verifyAgain }: CredentialWatchOptions,
  { ended, mayOutlive }: WatchedExchange,
): (() => void) => {
  if (exchange.principal.kind === 'anonymous') return () => {};
  let timer: Timer | null = null;
  let isOver = false;
  const isDecided = () => isOver || (mayOutlive && credentialLifeMs(exchange) === 0);
  const check = async (): Promise<void> => {
    if (isDecided()) return;
    const isValid = await verifyAgain(exchange).catch(() => false);
    if (isDecided()) return;
    if (isValid) next();
    else ended();
  };
  const next = (): void => {
    timer = clock.after(EVERY_MS - SPREAD_MS * Math.random(), () => void check());
  };
  next();
  return () => {
    isOver = true;
    timer?.cancel();
  };
};
