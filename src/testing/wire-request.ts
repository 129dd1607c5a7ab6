import type { UpstreamDefinition } from '../backend/upstreams.ts';
import { systemClock } from '../clock.ts';
import type { Call } from '../upstream/call.ts';
import { framedRequest, isCompressed } from '../upstream/grpc/framed-request.ts';
import { requestHeaders } from '../upstream/grpc/headers.ts';
import { restRequests } from '../upstream/rest/request.ts';
import { trafficSettings } from '../upstream/traffic.ts';

/** A call as the transport of production sends it. */
export interface WireRequest {
  /** The HTTP method; POST for gRPC. */
  readonly method: string;
  /** Path and query, as they are in the request line or in `:path`. */
  readonly url: string;
  /** Names in lower case. `host`, `connection` and `content-length`, which the connection adds, are not among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; empty where there is none. For gRPC the message with its prefix of five bytes. */
  readonly bytes: Uint8Array;
}

type Maker = (call: Call) => Promise<WireRequest>;

const notReady = ({ route }: Call): Error => new Error(`${route} is not ready to be sent`);

const restMaker = (definition: UpstreamDefinition): Maker => {
  const { deadlineHeader } = trafficSettings(definition);
  const requestOf = restRequests({ clock: systemClock, deadlineHeader, compression: definition.compression === true });
  return async (call) => {
    if (call.message.protocol !== 'rest') throw notReady(call);
    const { method, path, headers, body } = requestOf(call, call.message, '');
    return { method, url: path, headers, bytes: Buffer.from(body ?? '') };
  };
};

const recordOf = (block: readonly string[]): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at < block.length; at += 2) {
    const name = block[at] ?? '';
    if (!name.startsWith(':')) headers[name] = block[at + 1] ?? '';
  }
  return headers;
};

const grpcMaker = (definition: UpstreamDefinition): Maker => {
  const compressible = definition.compression === 'gzip';
  return async (call) => {
    const { message, endpoint } = call;
    if (message.protocol !== 'grpc' || endpoint === null) throw notReady(call);
    const bytes = await framedRequest(message.request, compressible);
    const opening = { leftMs: call.deadline - systemClock.now(), gzipped: isCompressed(bytes), compressible };
    const headers = recordOf(requestHeaders(call, message, endpoint, opening));
    return { method: 'POST', url: message.path, headers, bytes };
  };
};

/** Makes the requests of an upstream's calls, by the code that makes them in production. */
export const wireRequests = (definition: UpstreamDefinition): Maker =>
  definition.protocol === 'rest' ? restMaker(definition) : grpcMaker(definition);
