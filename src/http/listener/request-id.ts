import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Request and response header of the request id. */
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
