import { once } from 'node:events';
import { createServer } from 'node:http2';
import { fileURLToPath } from 'node:url';
import {
  create,
  createFileRegistry,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { compressionGzip, connectNodeAdapter } from '@connectrpc/connect-node';
import type { Metadata, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { z } from 'zod';
import { findProto } from '../../../src/protobuf/find-proto.ts';
import { type GrpcMethod, loadProto } from '../../../src/protobuf/load-proto.ts';
import { runProtoc } from '../../../src/protobuf/protoc.ts';
import type { Call } from '../../../src/upstream/call.ts';
import { addressOf, endpointAt, type RunningServer } from './grpc-server.ts';

declare global {
  /** Browser types that Connect's types use and this project lacks. */
  type HeadersInit = ConstructorParameters<typeof Headers>[0];
}

const PROTO = fileURLToPath(new URL('./grpc-interop.proto', import.meta.url));
const NAME = 'grpc.testing.TestService';
const proto = loadProto(PROTO);

/** Metadata that the servers return, in headers and trailers. */
export const ECHO_INITIAL = 'x-grpc-test-echo-initial';
export const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';
/** Message that is answered without a status. */
export const HOLD = 'x-test-hold';

export interface InteropServer extends RunningServer {
  /** Calls with the header `HOLD` that have arrived. */
  readonly held: number;
  /** Calls that the client cancelled. */
  readonly cancelled: number;
}

const Status = z.object({ code: z.number(), message: z.string() }).nullish();
const Simple = z.object({ responseSize: z.number(), responseStatus: Status });
const Streaming = z.object({ responseParameters: z.array(z.object({ size: z.number() })), responseStatus: Status });

const payload = (size: number) => ({ payload: { type: 0, body: new Uint8Array(size) } });

/** The method of this name, by default of the test service. */
export const interopMethod = (name: string, service = NAME): GrpcMethod => {
  const { methods, streaming } = proto.service(service);
  const method = [...methods, ...streaming].find((candidate) => candidate.name === name);
  if (method === undefined) throw new Error(`${service} has no ${name}`);
  return method;
};

/** A call of this method at this server, with a distant deadline. */
export const interopCall = (
  server: RunningServer,
  method: GrpcMethod,
  request: unknown,
  changes: Partial<Call> = {},
) => ({
  upstream: 'test.interop',
  route: method.route,
  idempotent: method.idempotent,
  principalKey: 'anonymous',
  headers: {},
  message: {
    protocol: 'grpc' as const,
    path: method.path,
    request: method.encode(request),
    decode: method.decode,
    streaming: method.streaming,
  },
  deadline: performance.now() + 200_000,
  signal: new AbortController().signal,
  request: null,
  attempt: 1,
  endpoint: server.endpoint,
  ...changes,
});

type GrpcJsCall<Response> = ServerUnaryCall<unknown, Response> | ServerWritableStream<unknown, Response>;

/** Returns metadata in headers; the trailers are the return value. */
const echoed = (call: GrpcJsCall<unknown>): Metadata => {
  const headers = call.metadata.clone();
  for (const name of Object.keys(headers.getMap())) if (name !== ECHO_INITIAL) headers.remove(name);
  call.sendMetadata(headers);
  const trailers = call.metadata.clone();
  for (const name of Object.keys(trailers.getMap())) if (name !== ECHO_TRAILING) trailers.remove(name);
  return trailers;
};

/** gRPC's own server for Node. */
export const grpcJsServer = async (): Promise<InteropServer> => {
  let [held, cancelled] = [0, 0];
  const count = () => {
    cancelled += 1;
  };
  const holds = (call: GrpcJsCall<unknown>): boolean => {
    if (call.metadata.get(HOLD).length === 0) return false;
    held += 1;
    return true;
  };
  const server = new Server({ 'grpc.max_receive_message_length': 4_194_304 });
  const definition = loadSync(PROTO, { defaults: true })[NAME];
  if (definition === undefined || 'format' in definition) throw new Error(`${NAME} is not declared`);
  server.addService(definition, {
    EmptyCall: (_call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => reply(null, {}),
    UnaryCall: (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => {
      call.once('cancelled', count);
      if (holds(call)) return;
      const { responseSize, responseStatus } = Simple.parse(call.request);
      const metadata = echoed(call);
      if (responseStatus) reply({ code: responseStatus.code, details: responseStatus.message, metadata });
      else reply(null, payload(responseSize), metadata);
    },
    StreamingOutputCall: (call: ServerWritableStream<unknown, unknown>) => {
      call.once('cancelled', count);
      const { responseParameters, responseStatus } = Streaming.parse(call.request);
      const metadata = echoed(call);
      for (const { size } of responseParameters) call.write(payload(size));
      if (holds(call)) return;
      if (responseStatus) call.emit('error', { code: responseStatus.code, details: responseStatus.message, metadata });
      else call.end(metadata);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    ),
  );
  const stop = async () => server.forceShutdown();
  return {
    port,
    endpoint: endpointAt(port),
    stop,
    [Symbol.asyncDispose]: stop,
    get held() {
      return held;
    },
    get cancelled() {
      return cancelled;
    },
  };
};

/** The service for Connect. */
const described = (): DescService => {
  const set = fromBinary(FileDescriptorSetSchema, runProtoc(findProto({ folder: import.meta.dirname, proto: PROTO })));
  const found = createFileRegistry(set).getService(NAME);
  if (found === undefined) throw new Error(`${NAME} is not declared`);
  return found;
};

const isUnary = (method: DescMethod): method is DescMethodUnary => method.methodKind === 'unary';
const isStreaming = (method: DescMethod): method is DescMethodServerStreaming =>
  method.methodKind === 'server_streaming';

const echo = ({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void => {
  const initial = requestHeader.get(ECHO_INITIAL);
  const trailing = requestHeader.get(ECHO_TRAILING);
  if (initial !== null) responseHeader.set(ECHO_INITIAL, initial);
  if (trailing !== null) responseTrailer.set(ECHO_TRAILING, trailing);
};

const failWith = (status: z.infer<typeof Status>): void => {
  if (status) throw new ConnectError(status.message, status.code satisfies Code);
};

/** Connect's server, which compresses large answers for clients that accept it. */
export const connectServer = async (): Promise<InteropServer> => {
  let [held, cancelled] = [0, 0];
  const hold = (context: HandlerContext): Promise<void> =>
    new Promise((resolve) => {
      held += 1;
      context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  const watch = (context: HandlerContext) =>
    context.signal.addEventListener('abort', () => {
      if (!(context.signal.reason instanceof ConnectError) || context.signal.reason.code === Code.Canceled)
        cancelled += 1;
    });
  const handler = connectNodeAdapter({
    acceptCompression: [compressionGzip],
    compressMinBytes: 1_024,
    routes: (router) => {
      const { methods } = described();
      for (const method of methods)
        if (isUnary(method) && method.name !== 'UnimplementedCall')
          router.rpc(method, async (request: unknown, context: HandlerContext) => {
            watch(context);
            if (method.name === 'EmptyCall') return create(method.output);
            const { responseSize, responseStatus } = Simple.parse(request);
            echo(context);
            if (context.requestHeader.has(HOLD)) await hold(context);
            failWith(responseStatus);
            return create(method.output, payload(responseSize));
          });
        else if (isStreaming(method))
          router.rpc(method, async function* (request: unknown, context: HandlerContext) {
            watch(context);
            const { responseParameters, responseStatus } = Streaming.parse(request);
            echo(context);
            for (const { size } of responseParameters) yield create(method.output, payload(size));
            if (context.requestHeader.has(HOLD)) await hold(context);
            failWith(responseStatus);
          });
    },
  });
  const server = createServer(handler);
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = addressOf(server.address());
  const stop = async () => {
    for (const session of sessions) session.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  return {
    port,
    endpoint: endpointAt(port),
    stop,
    [Symbol.asyncDispose]: stop,
    get held() {
      return held;
    },
    get cancelled() {
      return cancelled;
    },
  };
};
