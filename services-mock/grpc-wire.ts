import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Metadata, Server } from '@grpc/grpc-js';
import { type CallLog, type OpenCall, plainHeaders, UNLOGGED } from './call-log.ts';

/** The stream of one gRPC call. */
export interface Wire {
  readonly stream: ServerHttp2Stream;
  readonly call: OpenCall;
}

const HEALTH_SERVICE = '/grpc.health.v1.Health/';

/** Metadata key that identifies a call's stream. */
const WIRE_KEY = 'mock-wire';

/**
 * Returns the HTTP/2 server under a gRPC server with one connection injector.
 *
 * @grpc/grpc-js has no API to break a stream or to read `grpc-timeout`, so its private field is read; an interceptor
 * provides neither. If a release renames the field, every gRPC mock fails at its start with this explanation.
 *
 * @throws Error if the field is not the expected object
 */
export const http2ServerOf = (server: Server): Http2Server => {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(servers instanceof Map) || servers.size !== 1)
    throw new Error('@grpc/grpc-js keeps its HTTP/2 server elsewhere than before: adapt grpc-wire.ts');
  return servers.keys().next().value;
};

const statusSent = ({ sentTrailers, sentHeaders }: ServerHttp2Stream): number | null => {
  const status = sentTrailers?.['grpc-status'] ?? sentHeaders?.['grpc-status'];
  return status === undefined ? null : Number(status);
};

/**
 * Logs every call except health checks on arrival. Returns a function that finds the stream of a call by its metadata.
 */
export const watchStreams = (server: Http2Server, log: CallLog): ((metadata: Metadata) => Wire) => {
  const wires = new Map<string, Wire>();
  let lastKey = 0;

  const arrived = (path: string, headers: Parameters<typeof plainHeaders>[0]): OpenCall =>
    path.startsWith(HEALTH_SERVICE)
      ? UNLOGGED
      : log.arrived({ method: 'UNARY', route: path.slice(1), path, ids: [], headers: plainHeaders(headers) });

  const watch = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const call = arrived(headers[':path'] ?? '', headers);
    lastKey += 1;
    const key = String(lastKey);
    wires.set(key, { stream, call });
    stream.once('close', () => {
      wires.delete(key);
      const status = statusSent(stream);
      if (status !== null) {
        call.answered(status);
        call.finished();
      }
      call.closed();
    });
    headers[WIRE_KEY] = key;
    // With this header the server would end a late call itself, and the client's cancellation would be a race.
    delete headers['grpc-timeout'];
  };
  // Registered first, because @grpc/grpc-js reads the same headers object.
  server.on('session', (session) => session.prependListener('stream', watch));

  return (metadata) => {
    const wire = wires.get(String(metadata.get(WIRE_KEY)[0]));
    if (wire === undefined) throw new Error('The stream of this call has closed');
    return wire;
  };
};
