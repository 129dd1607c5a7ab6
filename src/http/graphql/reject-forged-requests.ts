import type { IncomingHttpHeaders } from 'node:http';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { contentTypeFor, isJson } from './content-negotiation.ts';

/** Headers that a browser sends to another site only after a preflight. All Apollo clients send one of them. */
const PREFLIGHTED = ['x-apollo-operation-name', 'apollo-require-preflight'] as const;

const MESSAGE =
  'This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). ' +
  "Please either specify a 'content-type' header (with a type that is not one of " +
  'application/x-www-form-urlencoded, multipart/form-data, text/plain) or provide a non-empty value for one of the ' +
  `following headers: ${PREFLIGHTED.join(', ')}\n`;

/** True for a request that a page of another origin can make a browser send only after a preflight. */
export const isPreflighted = (headers: IncomingHttpHeaders): boolean =>
  PREFLIGHTED.some((name) => headers[name]) || isJson(headers['content-type'] ?? '');

/**
 * Rejects a request that a page of another site could make a browser send without a preflight (CSRF). A Content-Type
 * needs a preflight, because only JSON has been accepted before.
 *
 * @throws RejectedError 400
 */
export const rejectForgedRequests = (headers: IncomingHttpHeaders): void => {
  if (headers['content-type'] !== undefined || PREFLIGHTED.some((name) => headers[name])) return;
  const answer = { 'content-type': contentTypeFor(headers) };
  throw new RejectedError(rejection('BAD_REQUEST', MESSAGE, { headers: answer }));
};
