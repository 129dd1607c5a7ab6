import type { IncomingMessage } from 'node:http';
import { isPreflighted } from '../graphql/reject-forged-requests.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';

const MESSAGE =
  'A request with the cookie of a session must come from a page of its origin, and have the header ' +
  "'apollo-require-preflight', 'x-apollo-operation-name' or 'content-type: application/json'.";

/** Browsers always send `Origin` with a POST and with a WebSocket, and no page can set `Sec-Fetch-Site`. */
const isFrom = (origin: string, { headers }: IncomingMessage): boolean =>
  headers.origin === undefined ? headers['sec-fetch-site'] === 'same-origin' : headers.origin === origin;

const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/**
 * True if a page of this origin sent a request, and with a header that no other page can send without a preflight.
 * Browsers cannot add a header to a WebSocket; they always send its `Origin`.
 */
export const isOfOwnPage = (request: IncomingMessage, origin: string): boolean => {
  if (isWebSocket(request)) return request.headers.origin === origin;
  return isFrom(origin, request) && isPreflighted(request.headers);
};

/** @throws RejectedError 403 for a request that a page of another origin may have caused */
export const requireOwnPage = (request: IncomingMessage, origin: string): void => {
  if (isOfOwnPage(request, origin)) return;
  throw new RejectedError({ ...rejection('FORBIDDEN', ''), message: MESSAGE });
};

/**
 * True if a request may use a credential that the browser added by itself. A read without the header is served without
 * the credential, so that the images and links of a page work: they have the rights of an anonymous caller.
 *
 * @throws RejectedError 403 for any other request that may be forged
 */
export const mayUseAmbient = (request: IncomingMessage, origin: string): boolean => {
  const isRead = (request.method === 'GET' || request.method === 'HEAD') && !isWebSocket(request);
  if (!isRead) requireOwnPage(request, origin);
  return isOfOwnPage(request, origin);
};
