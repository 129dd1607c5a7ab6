import { z } from 'zod';
import { HEADER_NAME } from '../../request/headers.ts';
import type { RequestContext } from '../../request/request-context.ts';

/** A value of the caller by which calls are kept together: its address, a header of its request, or a claim. */
export const CALLER_KEY = z.union([
  z.literal('client'),
  z.strictObject({ header: z.string().regex(HEADER_NAME) }),
  z.strictObject({ claim: z.string().min(1) }),
]);

export type CallerKey = z.infer<typeof CALLER_KEY>;

type Caller = Pick<RequestContext, 'headers' | 'principal' | 'clientAddress'>;

/** Value of a claim; `sub` is the subject of the principal. Undefined without a token or without the claim. */
export const claimOf = ({ principal }: Pick<Caller, 'principal'>, name: string): unknown => {
  if (principal.kind === 'anonymous') return undefined;
  if (name === 'sub') return principal.subject;
  return principal.claims !== undefined && Object.hasOwn(principal.claims, name) ? principal.claims[name] : undefined;
};

const asText = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

/** The value of this caller; null if it has none. */
export const callerValue = (by: CallerKey, caller: Caller): string | null => {
  if (by === 'client') return caller.clientAddress;
  if ('header' in by) return caller.headers[by.header.toLowerCase()] ?? null;
  return asText(claimOf(caller, by.claim));
};
