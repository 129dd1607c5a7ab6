import type { IncomingMessage } from 'node:http';
import { Http2Request } from './http2/http2-messages.ts';
import { badRequest, RejectedError, type Rejection, rejection } from './rejection.ts';

const MAX_HEADERS = 100;

/** Rejection of a protocol other than HTTP/1.0 or HTTP/1.1. */
export const otherProtocol: Rejection = rejection('BAD_REQUEST', 'Unsupported protocol: use HTTP/1.1 or HTTP/1.0.', {
  status: 505,
  headers: { connection: 'close' },
});

/** uri-host and port (RFC 9110, 7.2), which may both be empty. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~%!$&'()*+,;=-]*)(?::\d*)?$/i;

const isRepeated = (rawHeaders: readonly string[], name: string): boolean => {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const current = rawHeaders[at] ?? '';
    if (current.length === name.length && current.toLowerCase() === name) times += 1;
  }
  return times > 1;
};

const rejectAmbiguousHost = ({ headers: { host }, rawHeaders }: IncomingMessage): void => {
  if (host === undefined) throw badRequest('Missing Host header.');
  if (isRepeated(rawHeaders, 'host')) throw badRequest('Duplicate Host header.');
  if (!HOST.test(host)) throw badRequest('Invalid Host header.');
};

/**
 * Rejects ambiguous framing (RFC 9112, 6.1 and 6.3): any Transfer-Encoding in HTTP/1.0, a last coding other than
 * chunked, which leaves the end of the body undefined, and additional codings, which this gateway cannot decode.
 */
const rejectAmbiguousCoding = ({ headers, httpVersion }: IncomingMessage): void => {
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return;
  const close = { headers: { connection: 'close' } };
  if (httpVersion === '1.0')
    throw new RejectedError(rejection('BAD_REQUEST', 'Transfer-Encoding is not allowed in HTTP/1.0.', close));
  const codings = coding.toLowerCase().split(',');
  if (codings.at(-1)?.trim() !== 'chunked')
    throw new RejectedError(rejection('BAD_REQUEST', 'The last transfer coding must be chunked.', close));
  if (codings.length > 1)
    throw new RejectedError(
      rejection('BAD_REQUEST', 'Unsupported transfer coding: only chunked is supported.', { status: 501, ...close }),
    );
};

/** Rejection of an Expect header other than `100-continue`. */
export const otherExpectation = rejection('BAD_REQUEST', 'Unsupported Expect header: only 100-continue is supported.', {
  status: 417,
});

/** Rejects what Node itself rejects over HTTP/1.1, and two different hosts. */
const rejectAmbiguousHttp2 = ({ headers: { expect }, hasTwoHosts }: Http2Request): void => {
  if (expect !== undefined && expect !== '100-continue') throw new RejectedError(otherExpectation);
  if (hasTwoHosts) throw badRequest('The Host header differs from :authority.');
};

/**
 * Rejects ambiguous requests before the body is read: Node's parser accepts them, and a proxy might read the same bytes
 * differently. RFC 9112, 2.3 (version), 3.2 (target and Host), 6.1 (framing); and a duplicate Content-Type.
 *
 * @throws RejectedError
 */
export const rejectAmbiguousRequest = (request: IncomingMessage): void => {
  const { rawHeaders, httpVersion, method, url = '' } = request;
  if (rawHeaders.length > MAX_HEADERS * 2)
    throw new RejectedError(
      rejection('REQUEST_TOO_LARGE', `Too many headers: the maximum is ${MAX_HEADERS}.`, { status: 431 }),
    );
  // SOURCE is a method of Icecast only. Node's parser reports RTSP/1.0 as HTTP/1.0, and so it is answered: to recognise it
  // would need a listener for the bytes of every connection, which costs 3 % of a page.
  const isHttp2 = request instanceof Http2Request;
  if ((httpVersion !== '1.1' && httpVersion !== '1.0' && !isHttp2) || method === 'SOURCE')
    throw new RejectedError(otherProtocol);
  if (isHttp2) rejectAmbiguousHttp2(request);
  if (url.includes('#')) throw badRequest('The URL must not contain a fragment.');
  rejectAmbiguousHost(request);
  rejectAmbiguousCoding(request);
  if (isRepeated(rawHeaders, 'content-type')) throw badRequest('Duplicate Content-Type header.');
};
