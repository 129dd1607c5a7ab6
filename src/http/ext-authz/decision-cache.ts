import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import type { AuthorizationService, AuthzDecision, CheckedRequest } from './decision.ts';

/** Bytes of all kept decisions together, with their keys. Estimated. */
const MAX_BYTES = 16 * 1_048_576;
const BYTES_OF_ENTRY = 512;

interface Kept {
  readonly decision: AuthzDecision;
  /** On the clock's scale. */
  readonly until: number;
}

/** Everything that the service decides by. JSON keeps adjacent values apart. */
const keyOf = ({ method, url, scheme, host, clientAddress, headers }: CheckedRequest): string =>
  JSON.stringify([method, url, scheme, host, clientAddress, ...Object.entries(headers).sort()]);

/**
 * Keeps decisions for `ttlMs`, 16 MiB in all. Two requests share a decision only if everything that is sent to the service
 * is equal. A failed check is not kept.
 */
export const cachedDecisions = (service: AuthorizationService, ttlMs: number, clock: Clock): AuthorizationService => {
  if (ttlMs === 0) return service;
  const kept = new LRUCache<string, Kept>({ maxSize: MAX_BYTES });
  return {
    check: async (request, limits) => {
      const key = keyOf(request);
      const known = kept.get(key);
      if (known !== undefined && clock.now() < known.until) return known.decision;
      const since = clock.now();
      const decision = await service.check(request, limits);
      const size = BYTES_OF_ENTRY + 2 * (key.length + JSON.stringify(decision).length);
      kept.set(key, { decision, until: since + ttlMs }, { size });
      return decision;
    },
  };
};
