import type { RequestContext } from '../../request/request-context.ts';
import type { BalancePolicy } from '../../upstream/options.ts';

const claimOf = ({ principal }: RequestContext, name: string): string | null => {
  if (principal.kind === 'anonymous') return null;
  if (name === 'sub') return principal.subject;
  const value = principal.claims !== undefined && Object.hasOwn(principal.claims, name) ? principal.claims[name] : null;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
};

/**
 * Affinity key of the caller: equal keys prefer the same endpoint. Null without a `hash` policy, or if this caller has
 * no value for it.
 */
export const affinityOf = (policy: BalancePolicy | undefined, request: RequestContext): string | null => {
  if (typeof policy !== 'object') return null;
  const by = policy.hash;
  if (by === 'client') return request.clientAddress;
  if ('header' in by) return request.headers[by.header.toLowerCase()] ?? null;
  return claimOf(request, by.claim);
};
