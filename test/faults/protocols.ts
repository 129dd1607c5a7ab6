import { type GrpcMethod, loadProto } from '../../src/protobuf/load-proto.ts';
import type { Answer, Call } from '../../src/upstream/call.ts';
import type { UpstreamSettings } from '../../src/upstream/upstream.ts';
import { textOf } from './backend/conduct.ts';

export const PROTOCOLS = ['rest', 'grpc'] as const;
export type ProtocolName = (typeof PROTOCOLS)[number];

/** Deadline and signal of a call. */
export type CallLimits = Pick<Call, 'deadline' | 'signal'>;

type Own<Name extends ProtocolName> = Pick<
  Extract<UpstreamSettings, { protocol: Name }>,
  'protocol' | 'check' | 'compression'
>;

/** Settings that only one protocol has, and its health check. */
export type ProtocolSettings = Own<'rest'> | Own<'grpc'>;

/** Differences between the protocols. */
export interface Protocol {
  readonly name: ProtocolName;
  readonly scheme: string;
  /** Reads one thing by its id. */
  read(id: string, limits: CallLimits): Call;
  /** Writes for this id, which must happen once. */
  write(id: string, limits: CallLimits): Call;
  /** True for the complete thing of that id, and nothing else. */
  isRight(id: string, answer: Answer): boolean;
  /** `compression`: answers may be compressed. */
  settings(compression: boolean): ProtocolSettings;
}

const COMMON = { upstream: 'faults.things', principalKey: '', headers: {}, request: null, attempt: 1, endpoint: null };

const isThing = (id: string, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  'text' in value &&
  value.id === id &&
  value.text === textOf(id);

const rest: Protocol = {
  name: 'rest',
  scheme: 'http',
  read: (id, limits) => ({
    ...COMMON,
    ...limits,
    route: 'GET /things/{id}',
    idempotent: true,
    message: { protocol: 'rest', method: 'GET', target: `/things/${id}`, body: null },
  }),
  write: (id, limits) => ({
    ...COMMON,
    ...limits,
    route: 'POST /things/{id}',
    idempotent: false,
    message: { protocol: 'rest', method: 'POST', target: `/things/${id}`, body: '{}' },
  }),
  isRight: (id, { status, value }) => status === 200 && isThing(id, value),
  settings: (compression) => ({ protocol: 'rest', check: { by: 'http', path: '/health' }, compression }),
};

const methodsOf = (): ((name: string) => GrpcMethod) => {
  const { methods } = loadProto(new URL('backend/things.proto', import.meta.url).pathname).service('faults.v1.Things');
  return (name) => {
    const method = methods.find((candidate) => candidate.name === name);
    if (method === undefined) throw new Error(`there is no ${name}`);
    return method;
  };
};

const grpcCall = (
  { path, route, idempotent, safe, decode, encode }: GrpcMethod,
  id: string,
): Omit<Call, keyof CallLimits> => ({
  ...COMMON,
  route,
  idempotent,
  message: { protocol: 'grpc', path, request: encode({ id }), safe, decode },
});

const grpc = (): Protocol => {
  const method = methodsOf();
  const read = method('read');
  const write = method('write');
  return {
    name: 'grpc',
    scheme: 'grpc',
    read: (id, limits) => ({ ...grpcCall(read, id), ...limits }),
    write: (id, limits) => ({ ...grpcCall(write, id), ...limits }),
    isRight: (id, { status, value }) => status === 0 && isThing(id, value),
    settings: (compression) => ({
      protocol: 'grpc',
      check: { by: 'grpc' },
      ...(compression && { compression: 'gzip' }),
    }),
  };
};

export const protocolNamed = (name: ProtocolName): Protocol => (name === 'rest' ? rest : grpc());
