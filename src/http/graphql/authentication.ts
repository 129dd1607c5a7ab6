import type { Authentication, Authenticator, Caller, Credential } from '../../auth/authenticator.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { networkOf } from '../../rate-limit/client-key.ts';
import { ANONYMOUS, type Principal, principalKey } from '../../request/principal.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { mayUseAmbient } from '../sessions/own-pages.ts';

export interface AuthenticationOptions {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Timeout of a request in milliseconds, which bounds the verification of its credential. */
  readonly timeoutMs: number;
  /** Limit of guessed credentials. Default: none. */
  readonly guesses?: GuessLimit | undefined;
}

/** Limits the verification of guessed credentials. */
export interface GuessLimit {
  /** Called before the verification of a credential that is not known. @throws RejectedError */
  check(exchange: Exchange): void;
  /** Counts a credential that was refused, or that is the only one whose verification fails. */
  count(exchange: Exchange): void;
}

const maybeGuess = (authentication: Authentication): boolean =>
  authentication.is === 'invalid' || (authentication.is === 'unverifiable' && authentication.isOfCredential === true);

/** The principal of a request, and the milliseconds that its authentication took. */
export interface Authenticated {
  readonly principal: Principal;
  readonly tookMs: number;
  /** Token of a caller that sent another credential; absent for none. */
  readonly accessToken?: string;
}

/** Identifies the caller of a request. Rejects with a RejectedError. */
export type Identify = (exchange: Exchange) => Promise<Authenticated>;

/** @throws RejectedError 401 or 503 */
const verified = (authentication: Authentication): Omit<Authenticated, 'tookMs'> => {
  if (authentication.is === 'authenticated') {
    const { principal, accessToken } = authentication;
    return { principal, ...(accessToken !== undefined && { accessToken }) };
  }
  if (authentication.is === 'unverifiable') {
    const headers = { 'retry-after': String(authentication.retryAfterS) };
    throw new RejectedError(rejection('SERVICE_UNAVAILABLE', '', { headers }));
  }
  const { message, challenge } = authentication;
  // Replaces the public message of the code, which is that for a missing credential.
  throw new RejectedError({
    ...rejection('UNAUTHENTICATED', '', { headers: { 'www-authenticate': challenge } }),
    message,
  });
};

/** Returns the parts of a request that can identify its caller. */
export const callerOfExchange = ({ request, client }: Pick<Exchange, 'request' | 'client'>): Caller => ({
  // Node makes a list for each header of the request; most requests have no credential.
  valuesOf: (header) => (request.headers[header] === undefined ? undefined : request.headersDistinct[header]),
  certificate: client.certificate ?? undefined,
  method: request.method ?? '',
  target: request.url ?? '',
  scheme: client.scheme,
  host: client.host,
  network: () => networkOf(client.address),
});

const NONE: Authenticated = { principal: ANONYMOUS, tookMs: 0 };

/** Verifies a credential within `timeoutMs`; after it the credential is `unverifiable`. */
const verifiedInTime = async (
  verify: Credential['verify'],
  { clock, timeoutMs }: Pick<AuthenticationOptions, 'clock' | 'timeoutMs'>,
): Promise<Authentication> => {
  const own = new AbortController();
  const timer = clock.after(timeoutMs, () =>
    own.abort(new GatewayError('TIMEOUT', `The verification took longer than ${timeoutMs} ms.`)),
  );
  try {
    return await verify(own.signal);
  } finally {
    timer.cancel();
  }
};

const auditRefusal = (exchange: Exchange, { source }: Credential, reason: string): void =>
  exchange.audit({ event: 'credential.refused', outcome: 'refused', target: { credential: source }, reason });

/**
 * Creates the function that authenticates a request by its credential. It rejects the whole request: 401 for an invalid
 * credential, 503 if it cannot be verified in time.
 */
export const authentication =
  ({ authenticator, clock, timeoutMs, guesses }: AuthenticationOptions): Identify =>
  async (exchange) => {
    const credential = authenticator.credentialOf(callerOfExchange(exchange));
    if (credential === null) return NONE;
    const { ambientOrigin } = credential;
    if (ambientOrigin !== undefined && !mayUseAmbient(exchange.request, ambientOrigin)) return NONE;
    if (guesses !== undefined && credential.isKnown?.() !== true) guesses.check(exchange);
    const start = clock.now();
    const authentication = await verifiedInTime((signal) => credential.verify(signal), { clock, timeoutMs });
    if (maybeGuess(authentication)) guesses?.count(exchange);
    if (authentication.is === 'invalid') auditRefusal(exchange, credential, authentication.message);
    const { principal, accessToken } = verified(authentication);
    exchange.principal = principal;
    exchange.credential = credential;
    const tookMs = Math.round(clock.now() - start);
    return { principal, tookMs, ...(accessToken !== undefined && { accessToken }) };
  };

/**
 * Verifies the credential of an identified caller again, for a request that is still in flight. Resolves with false if the
 * credential is invalid, or now identifies another principal or other rights. While it cannot be verified it counts as valid.
 */
export type VerifyAgain = (exchange: Exchange) => Promise<boolean>;

/** Creates the function that verifies credentials again. */
export const verificationAgain =
  (limits: Pick<AuthenticationOptions, 'clock' | 'timeoutMs'>): VerifyAgain =>
  async (exchange) => {
    const { credential } = exchange;
    if (credential === null) return false;
    const verify: Credential['verify'] = (signal) => credential.verifyAgain?.(signal) ?? credential.verify(signal);
    const authentication = await verifiedInTime(verify, limits);
    if (authentication.is === 'unverifiable') return true;
    const isSame =
      authentication.is === 'authenticated' &&
      principalKey(authentication.principal) === principalKey(exchange.principal);
    if (!isSame)
      auditRefusal(
        exchange,
        credential,
        authentication.is === 'invalid' ? authentication.message : 'The rights have changed.',
      );
    return isSame;
  };
