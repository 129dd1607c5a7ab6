import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { RejectedError, rejection } from '../listener/rejection.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Creates a rejection with a message of its own: that of the code does not name the cause, which operators need. */
export const adminRejection = (
  code: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE',
  message: string,
  headers = {},
): RejectedError => new RejectedError({ ...rejection(code, '', { headers }), message });

/**
 * Requires one of these bearer tokens. The comparison takes the same time for every token of a length.
 *
 * @throws RejectedError UNAUTHENTICATED, with `expected` as the token to send
 */
export const requireToken = (request: FastifyRequest, tokens: readonly string[], expected: string): void => {
  const sent = digest(/^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
  const matches = tokens.filter((token) => timingSafeEqual(sent, digest(token)));
  if (matches.length === 0) {
    const { exchange, method, url } = request;
    const target = { credential: 'authorization', method, path: url.split('?', 1)[0] };
    exchange.audit({ event: 'credential.refused', outcome: 'refused', target, reason: 'Missing or invalid token.' });
    throw adminRejection('UNAUTHENTICATED', `Missing or invalid token: send Authorization: Bearer ${expected}.`, {
      'www-authenticate': 'Bearer',
    });
  }
};
