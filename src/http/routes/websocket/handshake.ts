import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { UpstreamError } from '../../../core/errors.ts';
import type { Answer, Call } from '../../../upstream/call.ts';
import { hasBody } from '../../listener/lingering-close.ts';
import { badRequest, RejectedError, rejection } from '../../listener/rejection.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[A-Za-z0-9+/]{22}==$/;
const VERSION = '13';

const namesIn = (header: string | undefined): readonly string[] =>
  (header ?? '').split(',').flatMap((part) => part.split(';', 1)[0]?.trim().toLowerCase() || []);

/**
 * Rejects requests that are no valid handshake (RFC 6455, 4.2.1): a backend that refuses what the gateway takes for an
 * upgrade would read the following bytes as requests. `head` is what the client sent after its request.
 *
 * @throws RejectedError
 */
export const rejectInvalidHandshake = (request: IncomingMessage, head: Buffer): void => {
  const { headers, httpVersion, method } = request;
  const isUpgrade = headers.upgrade?.toLowerCase() === 'websocket' && namesIn(headers.connection).includes('upgrade');
  if (method !== 'GET' || httpVersion !== '1.1' || !isUpgrade) throw badRequest('Use a WebSocket.');
  if (headers['sec-websocket-version'] !== VERSION)
    throw new RejectedError(
      rejection('BAD_REQUEST', `Unsupported version of WebSocket: use ${VERSION}.`, {
        headers: { 'sec-websocket-version': VERSION },
      }),
    );
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) throw badRequest('Invalid Sec-WebSocket-Key header.');
  if (hasBody(request) || head.length > 0) throw badRequest('Bytes follow the request before it is answered.');
};

/** True for a request of a page of the same host, or of no page. */
export const isSameOrigin = ({ headers: { origin, host } }: IncomingMessage): boolean =>
  origin === undefined || (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase());

const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64');

/** Returns the headers of the upgrade for the client. @throws UpstreamError UPSTREAM_BAD_RESPONSE if they do not fit the request */
export const upgradeHeaders = (
  { headers: sent }: IncomingMessage,
  { headers }: Answer,
  call: Call,
): Record<string, string> => {
  const { 'sec-websocket-protocol': protocol, 'sec-websocket-extensions': extensions } = headers;
  const offered = namesIn(sent['sec-websocket-protocol']);
  const known = namesIn(sent['sec-websocket-extensions']);
  const isValid =
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-accept'] === acceptOf(sent['sec-websocket-key'] ?? '') &&
    (protocol === undefined || offered.includes(protocol.toLowerCase())) &&
    namesIn(extensions).every((name) => known.includes(name));
  if (!isValid) throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, 'the upgrade does not fit the request');
  return {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': headers['sec-websocket-accept'] ?? '',
    ...(protocol === undefined ? {} : { 'sec-websocket-protocol': protocol }),
    ...(extensions === undefined ? {} : { 'sec-websocket-extensions': extensions }),
  };
};
