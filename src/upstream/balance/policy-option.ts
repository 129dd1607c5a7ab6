import { z } from 'zod';
import { nearestSuggestion } from '../../core/suggest.ts';
import { type Fix, option } from '../option-kinds.ts';
import { CALLER_KEY } from '../routing/caller-key.ts';

const POLICIES = ['peak-ewma', 'least-request', 'round-robin', 'random', 'probing', 'load-reports'] as const;
const HASH = z.strictObject({ hash: CALLER_KEY });

/** Policy for choosing an endpoint. With `hash`, equal values of the caller prefer one endpoint. */
export type BalancePolicy = (typeof POLICIES)[number] | z.input<typeof HASH>;

const STICKY = "{ hash: 'client' }, { hash: { header: 'x-user' } } or { hash: { claim: 'sub' } }";

const policyFix: Fix = (value) => {
  if (POLICIES.some((policy) => policy === value) || HASH.safeParse(value).success) return null;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return `use ${STICKY}`;
  const suggestion = typeof value === 'string' ? nearestSuggestion(value, POLICIES) : null;
  return `use ${suggestion ?? `${POLICIES.join(', ')}, or ${STICKY}`}`;
};

export const POLICY = option<BalancePolicy>(policyFix);
