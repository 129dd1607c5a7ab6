import type { IncomingHttpHeaders } from 'node:http2';
import { UpstreamError } from '../../errors.ts';
import type { Call, GrpcMessage } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { NOT_OFFERED, OFFERED } from './compression.ts';
import { isSecure } from './dial.ts';

/** Belong to the connection or to this wire: a call that brings one was made by a mistake of ours. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'content-type',
  'grpc-accept-encoding',
  'grpc-encoding',
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

const LONGEST = 99_999_999;
const COLON = 0x3a;
const GRPC = 'application/grpc';

/** What `grpc-timeout` says for a time left in milliseconds: never more than that, at least a millisecond, at most eight digits. */
export const grpcTimeout = (leftMs: number): string => {
  const ms = Math.max(Math.floor(leftMs), 1);
  return ms <= LONGEST ? `${ms}m` : `${Math.min(Math.floor(ms / 1_000), LONGEST)}S`;
};

const addOwn = (block: string[], call: Call): void => {
  for (const name in call.headers) {
    const value = call.headers[name] ?? '';
    if (RESERVED.has(name) || !NAME.test(name))
      throw new UpstreamError('INTERNAL_SERVER_ERROR', call, `${JSON.stringify(name)} cannot be sent as metadata`);
    if (!VALUE.test(value))
      throw new UpstreamError('BAD_USER_INPUT', call, `${name} holds characters that metadata cannot have`);
    block.push(name, value);
  }
};

/** What a header block says of the call, beside the call's own headers. */
export interface Opening {
  /** To answer it. */
  readonly leftMs: number;
  /** Whether the request is gzip. */
  readonly gzipped: boolean;
  /** Whether the answer may be compressed. */
  readonly compressible: boolean;
}

interface Place {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** In front of every path; without a slash at its end. */
  readonly base: string;
}

const places = new WeakMap<Endpoint, Place>();

const placeOf = (endpoint: Endpoint): Place => {
  const known = places.get(endpoint);
  if (known !== undefined) return known;
  const { host, pathname } = endpoint.url;
  // Not left to Node, which writes IPv6 addresses without brackets.
  const scheme = isSecure(endpoint) ? 'https' : 'http';
  const place: Place = { scheme, authority: host, base: pathname.replace(/\/+$/, '') };
  places.set(endpoint, place);
  return place;
};

/**
 * The header block that opens a call: names, each followed by its value, for that is what Node would make of an object. Throws an
 * `UpstreamError` for headers that cannot be sent.
 */
export const requestHeaders = (
  call: Call,
  message: GrpcMessage,
  endpoint: Endpoint,
  { leftMs, gzipped, compressible }: Opening,
): readonly string[] => {
  const { authority, base, scheme } = placeOf(endpoint);
  const block = [
    ':method',
    'POST',
    ':scheme',
    scheme,
    ':authority',
    authority,
    ':path',
    base + message.path,
    'te',
    'trailers',
    'content-type',
    GRPC,
    'grpc-accept-encoding',
    compressible ? OFFERED : NOT_OFFERED,
  ];
  if (gzipped) block.push('grpc-encoding', 'gzip');
  if (leftMs < Number.POSITIVE_INFINITY) block.push('grpc-timeout', grpcTimeout(leftMs));
  if (call.headers['user-agent'] === undefined) block.push('user-agent', 'tributary');
  addOwn(block, call);
  return block;
};

/**
 * A record that inherits nothing, so that no name a backend thinks of means anything. V8 keeps objects without any prototype as
 * hash tables, which cost several times what this does.
 */
class Blank {
  [name: string]: string;
}
Object.setPrototypeOf(Blank.prototype, null);
Reflect.deleteProperty(Blank.prototype, 'constructor');

const add = (headers: Record<string, string>, block: IncomingHttpHeaders | null): void => {
  for (const name in block) {
    const value = block[name];
    if (value !== undefined && name.charCodeAt(0) !== COLON)
      headers[name] = typeof value === 'string' ? value : String(value);
  }
};

/** Headers and trailers as one record; a trailer wins over a header of its name. */
export const answerHeaders = (
  head: IncomingHttpHeaders | null,
  trailers: IncomingHttpHeaders | null = null,
): Readonly<Record<string, string>> => {
  const headers = new Blank();
  add(headers, head);
  if (trailers !== head) add(headers, trailers);
  return headers;
};

/** Undoes the percent-encoding of `grpc-message`; a broken one is kept as it came. */
export const decodeMessage = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
};

/** Whether an answer with this `content-type` is gRPC with protobuf messages. gRPC-Web frames its trailers differently. */
export const isGrpc = (contentType: string | undefined): boolean =>
  contentType === GRPC || /^application\/grpc(?:\+proto)?(?:;|$)/i.test(contentType ?? '');
