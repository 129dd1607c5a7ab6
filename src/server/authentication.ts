import type { FastifyRequest } from 'fastify';
import { ANONYMOUS, type Principal } from '../auth/principal.ts';
import { badToken } from '../auth/token-fault.ts';
import type { Verifier } from '../auth/verifier.ts';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { RefusedError, refusal } from './refusal.ts';

const principals = new WeakMap<FastifyRequest, Principal>();

/** Who sends a request, once the authentication hook has run; nobody before. */
export const principalOf = (request: FastifyRequest): Principal => principals.get(request) ?? ANONYMOUS;

/** 401, which says that the token was refused, and not that there is none: the client is to renew it. */
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

/** Two of them would be one to us and perhaps another to somebody else. */
const isRepeated = ({ raw }: FastifyRequest): boolean => (raw.headersDistinct.authorization?.length ?? 0) > 1;

const waits = new WeakMap<FastifyRequest, number>();

/** How many milliseconds of a request's time went into finding out who sends it. */
export const authenticatedIn = (request: FastifyRequest): number => waits.get(request) ?? 0;

export interface AuthenticationOptions {
  readonly verifier: Verifier;
  readonly clock: Clock;
  /** Of the request's time, which is all that it may wait for keys. */
  readonly timeoutMs: number;
}

/** Whoever asks again shares the fetch that goes on meanwhile. */
const keysAreLate = (): GatewayError =>
  new GatewayError('SERVICE_UNAVAILABLE', 'The keys to verify a token with took longer than the request may.', {
    details: { retryAfter: 1 },
  });

const verified = (authorization: string, { verifier, clock, timeoutMs }: AuthenticationOptions): Promise<Principal> => {
  const { promise, resolve, reject } = Promise.withResolvers<Principal>();
  // The fetch itself is everybody's, and has a limit of its own: nobody may end it for the others.
  const timer = clock.after(timeoutMs, () => reject(keysAreLate()));
  verifier.authenticate(authorization).then(resolve, reject);
  return promise.finally(() => timer.cancel());
};

/**
 * A hook that finds out who sends a request, by its headers alone.
 *
 * @throws RefusedError 401 for a bad token, 503 where tokens cannot be verified in time: the whole request, whatever it asks for
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
      waits.set(request, Math.round(options.clock.now() - start));
    } catch (error) {
      throw refused(error);
    }
  };
