import type { RequestContext } from '../../request/request-context.ts';
import type { BalancePolicy } from '../../upstream/balance/policy-option.ts';
import { callerValue } from '../../upstream/routing/caller-key.ts';

/**
 * Affinity key of the caller: equal keys prefer the same endpoint. Null without a `hash` policy, or if this caller has
 * no value for it.
 */
export const affinityOf = (policy: BalancePolicy | undefined, request: RequestContext): string | null =>
  typeof policy === 'object' ? callerValue(policy.hash, request) : null;
