import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Headers of every response, set by `createListener`. They forbid it to load or run anything, and to be framed; pages set
 * their own policy.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

export const REQUEST_ID_HEADER = 'x-request-id';

// Ids are written to logs, headers and responses, so characters that end a line or a string are excluded.
const WELL_FORMED = /^[\w.:-]{1,128}$/;

/** Returns the request id of the client or a proxy if it is well-formed, else a new one. */
export const requestIdOf = (headers: IncomingHttpHeaders): string => {
  for (const name of [REQUEST_ID_HEADER, 'x-correlation-id']) {
    const id = headers[name];
    if (typeof id === 'string' && WELL_FORMED.test(id)) return id;
  }
  return randomUUID();
};
