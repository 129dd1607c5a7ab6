import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { UpstreamError } from '../../errors.ts';
import type { Call, GrpcMessage } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { NOT_OFFERED, OFFERED } from './compression.ts';

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

/** What `grpc-timeout` says for a time left in milliseconds: never more than that, at least a millisecond, at most eight digits. */
export const grpcTimeout = (leftMs: number): string => {
  const ms = Math.max(Math.floor(leftMs), 1);
  return ms <= LONGEST ? `${ms}m` : `${Math.min(Math.floor(ms / 1_000), LONGEST)}S`;
};

const checked = (call: Call): Readonly<Record<string, string>> => {
  for (const name in call.headers) {
    if (RESERVED.has(name) || !NAME.test(name))
      throw new UpstreamError('INTERNAL_SERVER_ERROR', call, `${JSON.stringify(name)} cannot be sent as metadata`);
    if (!VALUE.test(call.headers[name] ?? ''))
      throw new UpstreamError('BAD_USER_INPUT', call, `${name} holds characters that metadata cannot have`);
  }
  return call.headers;
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
  const place = { authority: host, base: pathname.replace(/\/+$/, '') };
  places.set(endpoint, place);
  return place;
};

/** The header block that opens a call. Throws an `UpstreamError` for headers that cannot be sent. */
export const requestHeaders = (
  call: Call,
  message: GrpcMessage,
  endpoint: Endpoint,
  { leftMs, gzipped, compressible }: Opening,
): OutgoingHttpHeaders => {
  const { authority, base } = placeOf(endpoint);
  return {
    ':method': 'POST',
    ':authority': authority,
    ':path': base + message.path,
    te: 'trailers',
    'content-type': 'application/grpc',
    'grpc-accept-encoding': compressible ? OFFERED : NOT_OFFERED,
    ...(gzipped && { 'grpc-encoding': 'gzip' }),
    'user-agent': 'tributary',
    ...(leftMs < Number.POSITIVE_INFINITY && { 'grpc-timeout': grpcTimeout(leftMs) }),
    ...checked(call),
  };
};

/** Headers and trailers as one record; a trailer wins over a header of its name. */
export const answerHeaders = (...blocks: readonly (IncomingHttpHeaders | null)[]): Readonly<Record<string, string>> => {
  // Without a prototype, so that no name a backend thinks of means anything.
  const headers: Record<string, string> = Object.create(null);
  for (const block of blocks)
    for (const name in block) {
      const value = block[name];
      if (value !== undefined && name.charCodeAt(0) !== COLON) headers[name] = String(value);
    }
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
  /^application\/grpc(?:\+proto)?(?:;|$)/i.test(contentType ?? '');
