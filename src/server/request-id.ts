import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const REQUEST_ID_HEADER = 'x-request-id';

// Ids end up in logs, headers and answers: nothing that could end a line or a string there.
const WELL_FORMED = /^[\w.:-]{1,128}$/;

/** The id that the client or a proxy gave the request, if it is well-formed; else a new one. */
export const requestIdOf = (headers: IncomingHttpHeaders): string => {
  for (const name of [REQUEST_ID_HEADER, 'x-correlation-id']) {
    const given = headers[name];
    if (typeof given === 'string' && WELL_FORMED.test(given)) return given;
  }
  return randomUUID();
};
