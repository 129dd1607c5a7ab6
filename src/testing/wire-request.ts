import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { UpstreamDefinition } from '../backend/define/upstream-options.ts';
import { systemClock } from '../core/clock.ts';
import type { Call, RestMessage } from '../upstream/call.ts';
import { framedRequest, isCompressed } from '../upstream/grpc/framed-request.ts';
import { requestHeaders } from '../upstream/grpc/headers.ts';
import { trafficSettings } from '../upstream/options.ts';
import { restRequests } from '../upstream/rest/transport.ts';
import { BodyStream } from '../upstream/stream/body-stream.ts';

/** A call as the production transport sends it. */
export interface WireRequest {
  /** HTTP method; POST for gRPC. */
  readonly method: string;
  /** Path and query, as in the request line or in `:path`. */
  readonly url: string;
  /** Names in lower case, without `host`, `connection` and `content-length`, which the connection adds. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body; empty without one. For gRPC the message with its prefix of five bytes;
   * empty for a stream of messages. */
  readonly bytes: Uint8Array;
}

type Maker = (call: Call) => Promise<WireRequest>;

const notReady = ({ route }: Call): Error =>
  new Error(`${route}: the call does not match the protocol of its upstream`);

/** Reads the whole body, as a server does. */
const bytesOf = async (body: RestMessage['body']): Promise<Uint8Array> => {
  if (body instanceof BodyStream) return buffer(Readable.from(body));
  return typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0));
};

const restMaker = (definition: UpstreamDefinition): Maker => {
  const { deadlineHeader, attemptHeader } = trafficSettings(definition);
  const compression = definition.compression === true;
  const requestOf = restRequests({ clock: systemClock, deadlineHeader, attemptHeader, compression });
  return async (call) => {
    if (call.message.protocol !== 'rest') throw notReady(call);
    const { method, path, headers, body } = requestOf(call, call.message, '');
    return { method, url: path, headers, bytes: await bytesOf(body) };
  };
};

/** Without the pseudo-headers of HTTP/2. */
const plainHeaders = (raw: readonly string[]): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const [name = '', value = ''] = raw.slice(at, at + 2);
    if (!name.startsWith(':')) headers[name] = value;
  }
  return headers;
};

const NO_BYTES = Buffer.alloc(0);

const grpcMaker = (definition: UpstreamDefinition): Maker => {
  const compressible = definition.compression === 'gzip';
  return async (call) => {
    const { message, endpoint } = call;
    if (message.protocol !== 'grpc' || endpoint === null) throw notReady(call);
    const isUpload = message.outgoing !== undefined;
    const bytes = isUpload ? NO_BYTES : await framedRequest(message.request, compressible);
    const opening = {
      leftMs: call.deadline - systemClock.now(),
      gzipped: isUpload ? compressible : isCompressed(bytes),
      compressible,
    };
    const headers = plainHeaders(requestHeaders(call, message, endpoint, opening));
    return { method: 'POST', url: message.path, headers, bytes };
  };
};

/** Returns the function that makes the requests of an upstream's calls, with the code of the production transport. */
export const wireRequests = (definition: UpstreamDefinition): Maker =>
  definition.protocol === 'grpc' ? grpcMaker(definition) : restMaker(definition);
