import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ClientIdentity, clientKey } from '../../rate-limit/client-key.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { Limiter, Quota } from '../../rate-limit/limiter.ts';
import { traceOf } from '../access/observe-requests.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { principalOf } from './authentication.ts';

/** Rate limit of requests for each client, regardless of their operations. */
export interface ClientLimit {
  readonly quota: Quota;
  readonly limiter: Limiter;
}

const POLICY = 'client';

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * Creates a hook that authenticates a request and counts it against its client's quota. A request with a rejected
 * credential counts for its network. A request above the quota is rejected with 429 before its body is read.
 */
export const clientLimit = ({ quota, limiter }: ClientLimit, authenticate: Hook): Hook => {
  const count = async (request: FastifyRequest, reply: FastifyReply, client: ClientIdentity): Promise<void> => {
    const decision = await limiter.consume(`${POLICY}:${clientKey(client, request.client.address)}`);
    const headers = rateLimitHeaders({ policy: POLICY, quota, window: decision });
    if (decision.admitted) reply.headers(headers);
    else {
      traceOf(request).record.refused('client');
      const seconds = retryAfter(decision);
      const waiting = { ...headers, 'retry-after': String(seconds) };
      throw new RejectedError(rejection('RATE_LIMITED', '', { headers: waiting, details: { retryAfter: seconds } }));
    }
  };
  return async (request, reply) => {
    try {
      await authenticate(request, reply);
    } catch (error) {
      await count(request, reply, { kind: 'anonymous' });
      throw error;
    }
    await count(request, reply, principalOf(request));
  };
};

/** Combines the headers of the client's limit with those of the limits of fields: client first. */
export const mergeLimitHeaders = (reply: FastifyReply, fields: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    ['ratelimit-policy', 'ratelimit'].flatMap((name) => {
      const [client, field] = [reply.getHeader(name), fields.get(name)];
      return client === undefined || field === undefined ? [] : [[name, `${String(client)}, ${field}`]];
    }),
  );
