import type { FastifyRequest } from 'fastify';
import { badToken } from '../../auth/token-fault.ts';
import type { Verifier } from '../../auth/verifier.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { ANONYMOUS, type Principal } from '../../request/principal.ts';
import { RefusedError, refusal } from '../listener/refusal.ts';

const principals = new WeakMap<FastifyRequest, Principal>();

/** Principal of a request. Anonymous before the authentication hook has run. */
export const principalOf = (request: FastifyRequest): Principal => principals.get(request) ?? ANONYMOUS;

/** 401 for a rejected token, as opposed to a missing one: the client should renew it. */
const refusedToken = ({ message }: GatewayError): RefusedError => {
  // RFC 6750, 3.1
  const headers = { 'www-authenticate': `Bearer error="invalid_token", error_description="${message}"` };
  return new RefusedError({ ...refusal('UNAUTHENTICATED', '', { headers }), message });
};

const cannotVerify = (cause: GatewayError): RefusedError => {
  const retryAfter = String(cause.details?.retryAfter ?? 1);
  return new RefusedError(refusal('SERVICE_UNAVAILABLE', cause.message, { headers: { 'retry-after': retryAfter } }));
};

const refused = (error: unknown): unknown => {
  if (!(error instanceof GatewayError)) return error;
  if (error.code === 'UNAUTHENTICATED') return refusedToken(error);
  return error.code === 'SERVICE_UNAVAILABLE' ? cannotVerify(error) : error;
};

/** Reject duplicate Authorization headers: a proxy and this gateway might read different ones. */
const isRepeated = ({ raw }: FastifyRequest): boolean => (raw.headersDistinct.authorization?.length ?? 0) > 1;

const durations = new WeakMap<FastifyRequest, number>();

/** Milliseconds that the authentication of a request took. */
export const authenticatedIn = (request: FastifyRequest): number => durations.get(request) ?? 0;

export interface AuthenticationOptions {
  readonly verifier: Verifier;
  readonly clock: Clock;
  /** Timeout of a request in milliseconds, which bounds the wait for keys. */
  readonly timeoutMs: number;
}

/** Error for keys that do not arrive in time. A retry shares the fetch in flight. */
const keysTimedOut = (): GatewayError =>
  new GatewayError('SERVICE_UNAVAILABLE', 'Fetching keys took longer than the request timeout.', {
    details: { retryAfter: 1 },
  });

const verified = (authorization: string, { verifier, clock, timeoutMs }: AuthenticationOptions): Promise<Principal> => {
  const { promise, resolve, reject } = Promise.withResolvers<Principal>();
  // The fetch of keys is shared by all requests and has its own timeout, so this timer ends the wait only.
  const timer = clock.after(timeoutMs, () => reject(keysTimedOut()));
  verifier.authenticate(authorization).then(resolve, reject);
  return promise.finally(() => timer.cancel());
};

/**
 * Creates a hook that sets the principal of a request from its headers.
 *
 * @throws RefusedError for the whole request: 401 for an invalid token, 503 if tokens cannot be verified in time
 */
export const authentication =
  (options: AuthenticationOptions) =>
  async (request: FastifyRequest): Promise<void> => {
    const { authorization } = request.headers;
    if (authorization === undefined) return;
    if (isRepeated(request)) throw refusedToken(badToken('malformed'));
    const start = options.clock.now();
    try {
      principals.set(request, await verified(authorization, options));
      durations.set(request, Math.round(options.clock.now() - start));
    } catch (error) {
      throw refused(error);
    }
  };
