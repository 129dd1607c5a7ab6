import type { IncomingHttpHeaders } from 'node:http2';
import { UpstreamError } from '../../core/errors.ts';
import type { Call, GrpcMessage } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { NOT_OFFERED, OFFERED } from './compression.ts';
import { isSecure } from './connection/dial.ts';

/** Headers of the connection or of this transport. A call that sets one of them is a bug of the gateway. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'content-type',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-previous-rpc-attempts',
  'grpc-timeout',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);
const NAME = /^[0-9a-z_.-]+$/;
const VALUE = /^[\x20-\x7e]*$/;

const MAX_TIMEOUT_VALUE = 99_999_999;
const COLON = 0x3a;
const GRPC = 'application/grpc';

/** Formats `grpc-timeout`: rounded down, at least one millisecond, at most eight digits. */
export const grpcTimeout = (leftMs: number): string => {
  const ms = Math.max(Math.floor(leftMs), 1);
  return ms <= MAX_TIMEOUT_VALUE ? `${ms}m` : `${Math.min(Math.floor(ms / 1_000), MAX_TIMEOUT_VALUE)}S`;
};

const addOwn = (headers: string[], call: Call): void => {
  for (const name in call.headers) {
    const value = call.headers[name] ?? '';
    if (RESERVED.has(name) || !NAME.test(name))
      throw new UpstreamError('INTERNAL_SERVER_ERROR', call, `${JSON.stringify(name)} cannot be sent as metadata`);
    if (!VALUE.test(value))
      throw new UpstreamError('BAD_USER_INPUT', call, `${name} has characters that metadata does not allow`);
    headers.push(name, value);
  }
};

/** Properties of a call that its headers state, in addition to the call's own headers. */
export interface Opening {
  /** Time left to answer, in milliseconds. */
  readonly leftMs: number;
  /** True if the request is compressed with gzip. */
  readonly gzipped: boolean;
  /** True if the answer may be compressed. */
  readonly compressible: boolean;
}

/**
 * Returns the headers of a call as Node's `rawHeaders` has them: each name is followed by its value. Throws an
 * `UpstreamError` for headers that cannot be sent.
 */
export const requestHeaders = (
  call: Call,
  message: GrpcMessage,
  endpoint: Endpoint,
  { leftMs, gzipped, compressible }: Opening,
): readonly string[] => {
  const { host, pathname } = endpoint.url;
  const headers = [':method', 'POST', ':scheme', isSecure(endpoint) ? 'https' : 'http'];
  // Node would write IPv6 addresses without brackets.
  headers.push(':authority', host, ':path', pathname.replace(/\/+$/, '') + message.path);
  headers.push('te', 'trailers', 'content-type', GRPC);
  headers.push('grpc-accept-encoding', compressible ? OFFERED : NOT_OFFERED);
  if (gzipped) headers.push('grpc-encoding', 'gzip');
  if (leftMs < Number.POSITIVE_INFINITY) headers.push('grpc-timeout', grpcTimeout(leftMs));
  // gRFC A6: not sent with the first attempt.
  if (call.attempt > 1) headers.push('grpc-previous-rpc-attempts', String(call.attempt - 1));
  if (call.headers['user-agent'] === undefined) headers.push('user-agent', 'tributary');
  addOwn(headers, call);
  return headers;
};

const add = (headers: Record<string, string>, block: IncomingHttpHeaders | null): void => {
  for (const name in block) {
    const value = block[name];
    if (value !== undefined && name.charCodeAt(0) !== COLON)
      headers[name] = typeof value === 'string' ? value : String(value);
  }
};

/**
 * Merges headers and trailers, in an object without a prototype. A trailer replaces a header of the same name.
 */
export const answerHeaders = (
  head: IncomingHttpHeaders | null,
  trailers: IncomingHttpHeaders | null = null,
): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = Object.create(null);
  add(headers, head);
  if (trailers !== head) add(headers, trailers);
  return headers;
};

/** Decodes the percent-encoding of `grpc-message`. Malformed text is kept as received. */
export const decodeMessage = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
};

/** True for a `content-type` of gRPC with protobuf messages. gRPC-Web frames its trailers differently. */
export const isGrpc = (contentType: string | undefined): boolean =>
  contentType === GRPC || /^application\/grpc(?:\+proto)?(?:;|$)/i.test(contentType ?? '');
