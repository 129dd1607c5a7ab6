import type { FastifyRequest } from 'fastify';
import type { Authentication, Authenticator } from '../../auth/authenticator.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { ANONYMOUS, type Principal } from '../../request/principal.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';

const principals = new WeakMap<FastifyRequest, Principal>();

/** Principal of a request. Anonymous before the authentication hook has run. */
export const principalOf = (request: FastifyRequest): Principal => principals.get(request) ?? ANONYMOUS;

const durations = new WeakMap<FastifyRequest, number>();

/** Milliseconds that the authentication of a request took. */
export const authenticatedIn = (request: FastifyRequest): number => durations.get(request) ?? 0;

export interface AuthenticationOptions {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Timeout of a request in milliseconds, which bounds the verification of its credential. */
  readonly timeoutMs: number;
}

/** @throws RejectedError 401 or 503 */
const authenticated = (authentication: Authentication): Principal => {
  if (authentication.is === 'authenticated') return authentication.principal;
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

/**
 * Creates a hook that sets the principal of a request from its credential.
 *
 * @throws RejectedError for the whole request: 401 for an invalid credential, 503 if it cannot be verified in time
 */
export const authentication =
  ({ authenticator, clock, timeoutMs }: AuthenticationOptions) =>
  async (request: FastifyRequest): Promise<void> => {
    // The public listener has no TLS.
    const credential = authenticator.credentialOf({ headers: request.raw.headersDistinct, certificate: undefined });
    if (credential === null) return;
    const start = clock.now();
    const own = new AbortController();
    const timer = clock.after(timeoutMs, () =>
      own.abort(new GatewayError('TIMEOUT', `The verification took longer than ${timeoutMs} ms.`)),
    );
    try {
      principals.set(request, authenticated(await credential.verify(own.signal)));
      durations.set(request, Math.round(clock.now() - start));
    } finally {
      timer.cancel();
    }
  };
