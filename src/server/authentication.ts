import type { FastifyRequest } from 'fastify';
import { ANONYMOUS, type Principal } from '../auth/principal.ts';
import type { Verifier } from '../auth/verifier.ts';
import { GatewayError } from '../errors.ts';
import { RefusedError, refusal } from './refusal.ts';

const principals = new WeakMap<FastifyRequest, Principal>();

/** Who sends a request, once the authentication hook has run; nobody before. */
export const principalOf = (request: FastifyRequest): Principal => principals.get(request) ?? ANONYMOUS;

const badToken = (cause: GatewayError): RefusedError =>
  // RFC 6750, 3.1
  new RefusedError(
    refusal('UNAUTHENTICATED', cause.message, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }),
  );

const cannotVerify = (cause: GatewayError): RefusedError => {
  const retryAfter = String(cause.details?.retryAfter ?? 1);
  return new RefusedError(refusal('SERVICE_UNAVAILABLE', cause.message, { headers: { 'retry-after': retryAfter } }));
};

const refused = (error: unknown): unknown => {
  if (!(error instanceof GatewayError)) return error;
  if (error.code === 'UNAUTHENTICATED') return badToken(error);
  return error.code === 'SERVICE_UNAVAILABLE' ? cannotVerify(error) : error;
};

/** Two of them would be one to us and perhaps another to somebody else. */
const isRepeated = ({ raw }: FastifyRequest): boolean => (raw.headersDistinct.authorization?.length ?? 0) > 1;

/**
 * A hook that finds out who sends a request, by its headers alone.
 *
 * @throws RefusedError 401 for a bad token, 503 where tokens cannot be verified: the whole request, whatever it asks for
 */
export const authentication =
  (verifier: Verifier) =>
  async (request: FastifyRequest): Promise<void> => {
    const { authorization } = request.headers;
    if (authorization === undefined) return;
    if (isRepeated(request)) throw badToken(new GatewayError('UNAUTHENTICATED', 'More than one Authorization header.'));
    try {
      principals.set(request, await verifier.authenticate(authorization));
    } catch (error) {
      throw refused(error);
    }
  };
