import type { FastifyRequest } from 'fastify';
import { badRequest, type Refusal, RefusedError, refusal } from './refusal.ts';

const MAX_HEADERS = 100;

/** A request in another protocol than HTTP/1.0 or HTTP/1.1. */
export const otherProtocol: Refusal = refusal('BAD_REQUEST', 'This is neither HTTP/1.1 nor HTTP/1.0.', {
  status: 505,
  headers: { connection: 'close' },
});

/** uri-host and port (RFC 9110, 7.2), which may both be empty. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~%!$&'()*+,;=-]*)(?::\d*)?$/i;

const isRepeated = (rawHeaders: readonly string[], name: string): boolean => {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const given = rawHeaders[at] ?? '';
    if (given.length === name.length && given.toLowerCase() === name) times += 1;
  }
  return times > 1;
};

const refuseOddHost = ({ headers: { host }, raw }: FastifyRequest): void => {
  if (host === undefined) throw badRequest('The Host header is missing.');
  if (isRepeated(raw.rawHeaders, 'host')) throw badRequest('There is more than one Host header.');
  if (!HOST.test(host)) throw badRequest('The Host header is not a host.');
};

/**
 * RFC 9112, 6.1 and 6.3: in HTTP/1.0 it is a sign of faulty framing; without chunked at its end nobody knows where the body ends;
 * and a coding that nobody here undoes is not for guessing.
 */
const refuseOddCoding = ({ headers, raw }: FastifyRequest): void => {
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return;
  const close = { headers: { connection: 'close' } };
  if (raw.httpVersion === '1.0')
    throw new RefusedError(refusal('BAD_REQUEST', 'HTTP/1.0 has no Transfer-Encoding.', close));
  const codings = coding.toLowerCase().split(',');
  if (codings.at(-1)?.trim() !== 'chunked')
    throw new RefusedError(refusal('BAD_REQUEST', 'The last transfer coding must be chunked.', close));
  if (codings.length > 1)
    throw new RefusedError(refusal('BAD_REQUEST', 'The only transfer coding is chunked.', { status: 501, ...close }));
};

/**
 * Refuses, before the body is read, what Node's parser lets pass and the next reader of the same bytes may understand in
 * another way: RFC 9112, 2.3 (version), 3.2 (target and Host), 6.1 (framing); and a Content-Type that is given twice.
 *
 * @throws RefusedError
 */
export const refuseOddRequest = (request: FastifyRequest): void => {
  const { rawHeaders, httpVersion, url = '' } = request.raw;
  if (rawHeaders.length > MAX_HEADERS * 2)
    throw new RefusedError(refusal('REQUEST_TOO_LARGE', `More than ${MAX_HEADERS} headers.`, { status: 431 }));
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new RefusedError(otherProtocol);
  if (url.includes('#')) throw badRequest('The address has a fragment, which is for the client alone.');
  refuseOddHost(request);
  refuseOddCoding(request);
  if (isRepeated(rawHeaders, 'content-type')) throw badRequest('There is more than one Content-Type header.');
};
