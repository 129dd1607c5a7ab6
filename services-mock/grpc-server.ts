import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { CallLog } from './call-log.ts';
import type { Faults } from './faults.ts';
import { answerWithGrpcFault, sendResult, type Unary } from './grpc-faults.ts';
import { type GrpcMethod, type GrpcService, loadService } from './grpc-service.ts';
import { http2ServerOf, type Wire, watchStreams } from './grpc-wire.ts';
import type { Address } from './http-server.ts';
import { type Listening, listen } from './listen.ts';
import { type Stamping, servedTo, stamped } from './stamp.ts';
import { waitWhileOpen } from './wait.ts';

const HEALTH = 'grpc.health.v1.Health';
export const GRPC_HEALTH_ROUTE = `${HEALTH}/Check`;

const MAX_MESSAGE_BYTES = 16 * 1_048_576;

export interface GrpcServerOptions extends Address {
  readonly proto: URL;
  /** Full name, `inventory.v1.Inventory`. */
  readonly name: string;
  readonly service: GrpcService;
  readonly log: CallLog;
  readonly faults: Faults;
  readonly stamping: Stamping;
}

const health: GrpcService = { Check: { answer: () => ({ status: 'SERVING' }) } };

/** Reports SERVING once and stays open until the client leaves: the status never changes. */
const watchHealth = (call: ServerWritableStream<unknown, unknown>): void => {
  call.write({ status: 'SERVING' });
};

/** Passes a Buffer through as an encoded message: the only way to send one that does not decode. */
const rawMessages = (definition: ServiceDefinition): ServiceDefinition =>
  Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [
      name,
      {
        ...method,
        responseSerialize: (value: unknown) => (Buffer.isBuffer(value) ? value : method.responseSerialize(value)),
      } satisfies MethodDefinition<unknown, unknown>,
    ]),
  );

type WireOf = (call: ServerUnaryCall<unknown, unknown>) => Wire;

/** The answer of a mock that marks its answers: the message, and `served-to` in the trailers. */
const marked = (
  { metadata, request }: ServerUnaryCall<unknown, unknown>,
  callback: sendUnaryData<unknown>,
  implementation: GrpcMethod,
  { stamp }: Stamping,
): Pick<Unary, 'callback' | 'work'> => {
  if (stamp === 'off') return { callback, work: () => implementation.answer(request) };
  const subject = servedTo(metadata.get('authorization')[0]?.toString());
  const trailers = new Metadata();
  // Encoded, because a subject may contain characters that headers may not.
  if (subject !== null) trailers.set('served-to', encodeURIComponent(subject));
  return {
    callback: (error, value) => callback(error, value, trailers),
    work: () => {
      const message = stamped(implementation.answer(request), subject, stamp);
      return typeof message === 'object' && message !== null ? message : {};
    },
  };
};

const handlersOf = (
  name: string,
  service: GrpcService,
  { faults, stamping }: Pick<GrpcServerOptions, 'faults' | 'stamping'>,
  wireOf: WireOf,
): UntypedServiceImplementation => {
  const serve = async (route: string, method: GrpcMethod, unary: Unary, request: unknown): Promise<void> => {
    const { stream, call } = unary.wire;
    call.asked(method.ids?.(request) ?? []);
    const { latencyMs, fault } = faults.draw(route);
    if (!(await waitWhileOpen(latencyMs, stream))) return;
    if (fault === null) sendResult(unary, unary.work);
    else answerWithGrpcFault(unary, fault);
  };
  return Object.fromEntries(
    Object.entries(service).map(([method, implementation]) => [
      method,
      (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
        const unary = { wire: wireOf(call), ...marked(call, callback, implementation, stamping) };
        serve(`${name}/${method}`, implementation, unary, call.request).catch(callback);
      },
    ]),
  );
};

/**
 * Serves `service` and the standard health service over cleartext HTTP/2, with the log and faults of the REST mocks.
 *
 * @throws Error that names the address if the port is taken
 */
export const startGrpcServer = async (options: GrpcServerOptions): Promise<Listening> => {
  const { proto, name, service, log, faults, host, port } = options;
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  // Not bindAsync: it writes to stderr if a port is taken, without the port.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const findWire = watchStreams(http2ServerOf(server), log);
  const wireOf: WireOf = ({ metadata }) => findWire(metadata);

  server.addService(rawMessages(loadService(proto, name)), handlersOf(name, service, options, wireOf));
  server.addService(rawMessages(loadService(new URL('health.proto', import.meta.url), HEALTH)), {
    ...handlersOf(HEALTH, health, { faults, stamping: { stamp: 'off' } }, wireOf),
    Watch: watchHealth,
  });

  const sockets = new Set<Socket>();
  const acceptor = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  const close = async () => {
    const closed = once(acceptor, 'close');
    acceptor.close();
    injector.destroy();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port: await listen(acceptor, host, port), close };
};
