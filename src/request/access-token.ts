import type { RequestContext } from './request-context.ts';

/** RFC 6750, 2.1, and RFC 9449, 7.1. */
const WITH_TOKEN = /^(?:bearer|dpop) +([\w\-.~+/]+=*)$/i;

/**
 * Returns the access token that identified the caller; null for a caller without one. A token that was not verified, next
 * to a client certificate for example, is none.
 */
export const accessTokenOf = ({ principal, headers }: Pick<RequestContext, 'principal' | 'headers'>): string | null =>
  principal.kind === 'user' ? (WITH_TOKEN.exec(headers.authorization ?? '')?.[1] ?? null) : null;
