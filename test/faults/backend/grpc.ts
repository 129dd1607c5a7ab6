import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Behaviour, Fate } from './behaviour.ts';
import { type Conduct, type Failure, textOf } from './conduct.ts';
import { retryInfo } from './retry-info.ts';

export const THINGS_PROTO = new URL('things.proto', import.meta.url).pathname;

const CODE = {
  error: status.INTERNAL,
  unavailable: status.UNAVAILABLE,
  busy: status.RESOURCE_EXHAUSTED,
  exception: status.UNKNOWN,
} as const satisfies Record<Exclude<Failure, 'text'>, status>;

/** Stands for a message that does not decode. */
const NO_MESSAGE = {};
/** A field's tag without its value. */
const UNDECODABLE = Buffer.from([0x0a]);

interface WithId {
  readonly id: string;
}
type Handled = ServerUnaryCall<WithId, object>;

const leftMs = (call: Handled): number | null => {
  const deadline = call.getDeadline();
  const at = deadline instanceof Date ? deadline.getTime() : deadline;
  return Number.isFinite(at) ? at - Date.now() : null;
};

const failureOf = ({ retryAfterS }: Conduct, failure: keyof typeof CODE) => {
  const metadata = new Metadata();
  if (failure === 'busy' && retryAfterS !== null) metadata.set('grpc-status-details-bin', retryInfo(retryAfterS));
  return { code: CODE[failure], details: failure, metadata };
};

const carryOut = (behaviour: Behaviour, call: Handled, respond: sendUnaryData<object>, fate: Fate, value: object) => {
  const timer = setTimeout(() => {
    if (call.cancelled) return;
    if (fate.is === 'answered') respond(null, value);
    else if (fate.failure === 'text') respond(null, NO_MESSAGE);
    else respond(failureOf(behaviour.conduct, fate.failure));
  }, fate.afterMs);
  call.once('cancelled', () => {
    clearTimeout(timer);
    behaviour.aborted();
  });
};

const things = (behaviour: Behaviour): UntypedServiceImplementation => ({
  Read: (call: Handled, respond: sendUnaryData<object>) => {
    const { id } = call.request;
    carryOut(behaviour, call, respond, behaviour.read(id, leftMs(call)), {
      id,
      text: textOf(id) + behaviour.conduct.addedText,
    });
  },
  Write: (call: Handled, respond: sendUnaryData<object>) => {
    const { id } = call.request;
    carryOut(behaviour, call, respond, behaviour.write(id), { id });
  },
});

const SERVING = 1;
const NOT_SERVING = 2;

/** grpc.health.v1 encoded by hand: its answer is one number. */
const HEALTH = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (state: number) => Buffer.from([8, state]),
    responseDeserialize: (bytes: Buffer) => bytes[1] ?? 0,
  },
};

/** A real gRPC server, listening. */
export const grpcServer = async (
  behaviour: Behaviour,
  { port, idleMs }: { readonly port: number; readonly idleMs: number | null },
): Promise<Server> => {
  const server = new Server(idleMs === null ? {} : { 'grpc.max_connection_idle_ms': idleMs });
  const definition = loadSync(THINGS_PROTO, { defaults: true })['faults.v1.Things'];
  if (definition === undefined || 'format' in definition) throw new Error('faults.v1.Things is not declared');
  const methods = Object.entries(definition).map(([name, method]) => [
    name,
    {
      ...method,
      responseSerialize: (value: object) => (value === NO_MESSAGE ? UNDECODABLE : method.responseSerialize(value)),
    },
  ]);
  server.addService(Object.fromEntries(methods), things(behaviour));
  server.addService(HEALTH, {
    Check: (_call: unknown, respond: sendUnaryData<number>) =>
      respond(null, behaviour.conduct.healthy ? SERVING : NOT_SERVING),
  });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    ),
  );
  return server;
};
