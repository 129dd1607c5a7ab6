import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream, ServerOptions } from 'node:http2';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ServerOptions as GrpcServerOptions, UntypedServiceImplementation } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { GrpcMethod } from '../../../src/protobuf/load-proto.ts';
import { loadProto } from '../../../src/protobuf/load-proto.ts';
import type { Call } from '../../../src/upstream/call.ts';
import { type Endpoint, endpointAt as endpoint } from '../../../src/upstream/endpoints/endpoint.ts';

export const INVENTORY_PROTO = fileURLToPath(new URL('../../../schema/inventory/inventory.proto', import.meta.url));

const inventory = loadProto(INVENTORY_PROTO).service('inventory.v1.Inventory');

export const inventoryMethod = (name: string): GrpcMethod => {
  const method = inventory.methods.find((candidate) => candidate.name === name);
  if (method === undefined) throw new Error(`the inventory has no ${name}`);
  return method;
};

export const endpointAt = (port: number, scheme = 'grpc', path = ''): Endpoint =>
  endpoint(`${scheme}://127.0.0.1:${port}${path}`);

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly endpoint: Endpoint;
  stop(): Promise<void>;
}

export interface GrpcServerSettings {
  /** 0, the default, uses a free one. */
  readonly port?: number;
  readonly options?: GrpcServerOptions;
  /** Default: no TLS. */
  readonly credentials?: ServerCredentials;
}

/** A real inventory server with these methods, by their names in the .proto. */
export const inventoryServer = async (
  methods: UntypedServiceImplementation,
  { port = 0, options = {}, credentials = ServerCredentials.createInsecure() }: GrpcServerSettings = {},
): Promise<RunningServer> => {
  const server = new Server(options);
  const definition = loadSync(INVENTORY_PROTO, { defaults: true, keepCase: true })['inventory.v1.Inventory'];
  if (definition === undefined || 'format' in definition) throw new Error('the inventory is not declared');
  server.addService(definition, methods);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) => (error === null ? resolve(at) : reject(error))),
  );
  const stop = async () => server.forceShutdown();
  return { port: bound, endpoint: endpointAt(bound), stop, [Symbol.asyncDispose]: stop };
};

export interface RawServer extends RunningServer {
  /** Its connections, oldest first. */
  readonly sessions: readonly ServerHttp2Session[];
  /** Replaces the handler of later streams. */
  answerWith(answer: RawAnswer): void;
}

export type RawAnswer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** An HTTP/2 server without gRPC, for answers that no gRPC server would send. */
export const rawServer = async (first: RawAnswer, options: ServerOptions = {}): Promise<RawServer> => {
  let answer = first;
  const server = createServer(options);
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => sessions.push(session.on('error', () => {})));
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {});
    answer(stream, headers);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = async () => {
    for (const session of sessions) session.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  const { port } = addressOf(server.address());
  return {
    port,
    endpoint: endpointAt(port),
    sessions,
    answerWith: (next) => {
      answer = next;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
};

export const addressOf = (address: AddressInfo | string | null): AddressInfo => {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address;
};

/** The gateway's call of this method with this message, with a distant deadline. */
export const callOf = (endpoint: Endpoint, name: string, request: unknown, changes: Partial<Call> = {}): Call => {
  const method = inventoryMethod(name);
  return {
    upstream: 'inventory.stock',
    route: method.route,
    idempotent: method.idempotent,
    principalKey: 'anonymous',
    headers: {},
    message: { protocol: 'grpc', path: method.path, request: method.encode(request), decode: method.decode },
    deadline: performance.now() + 200_000,
    signal: new AbortController().signal,
    request: null,
    attempt: 1,
    endpoint,
    ...changes,
  };
};
