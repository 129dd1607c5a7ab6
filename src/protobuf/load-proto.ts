import { dirname, resolve } from 'node:path';
import { ValueDecoder } from './codec/decode-values.ts';
import { Encoder } from './codec/encode.ts';
import type { ProtoSource } from './find-proto.ts';
import { readProto } from './read-proto.ts';
import type { MessageType, MethodType, ServiceType } from './type-model.ts';

/** A method of a service. */
export interface GrpcMethod {
  /** True if the answer is any number of messages; false for exactly one. */
  readonly streaming: boolean;
  /** True if the request is any number of messages; false for exactly one. */
  readonly clientStreams: boolean;
  /** lowerCamel: `batchGetStock` for `BatchGetStock`. */
  readonly name: string;
  /** `/inventory.v1.Inventory/BatchGetStock` */
  readonly path: string;
  /** `inventory.v1.Inventory/BatchGetStock` */
  readonly route: string;
  /** True if `idempotency_level` declares that a second call has no further effect. */
  readonly idempotent: boolean;
  /** True if `idempotency_level` declares that the method only reads. */
  readonly safe: boolean;
  /** HTTP method of the option `google.api.http`, in capitals; null without one. */
  readonly http: string | null;
  /** See `Encoder.for`. @throws GatewayError BAD_USER_INPUT for an invalid value. */
  readonly encode: (value: unknown) => Uint8Array;
  readonly request: MessageType;
  readonly response: MessageType;
  /**
   * Decodes one message of the answer; see `ValueDecoder.for`. @throws Error for invalid bytes, MemoryBudgetError for a message
   * that would take more than 64 MiB.
   */
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Codec of one message of the request. */
  readonly requestCodec: {
    readonly encode: (value: unknown) => Uint8Array;
    readonly decode: (bytes: Uint8Array) => unknown;
  };
}

export interface GrpcService {
  /** Full name, with the package. */
  readonly name: string;
  /** Methods with one message as the answer. */
  readonly methods: readonly GrpcMethod[];
  /** Server-streaming and bidirectional methods. */
  readonly streaming: readonly GrpcMethod[];
  /** Codec of both directions, for tests. */
  readonly encoder: Encoder;
  readonly decoder: ValueDecoder;
}

export interface ProtoFile {
  /** Absolute path. */
  readonly path: string;
  /** Full names of the services, imported ones included. */
  readonly services: readonly string[];
  /**
   * Returns the service with this full name.
   *
   * @throws ProtoError that lists the existing services.
   */
  service(name: string): GrpcService;
}

/** Name of a method as clients call it: `batchGetStock` for `BatchGetStock`. */
export const methodName = ({ name }: Pick<MethodType, 'name'>): string =>
  name.slice(0, 1).toLowerCase() + name.slice(1);

const methodOf = (method: MethodType, service: string, encoder: Encoder, decoder: ValueDecoder): GrpcMethod => {
  const { name, request, response, clientStreams, serverStreams, idempotency, http } = method;
  const route = `${service}/${name}`;
  return {
    streaming: serverStreams,
    clientStreams,
    name: methodName(method),
    path: `/${route}`,
    route,
    idempotent: idempotency !== 'unknown',
    safe: idempotency === 'safe',
    http,
    request,
    response,
    encode: encoder.for(request),
    decode: decoder.for(response),
    requestCodec: { encode: encoder.for(request), decode: decoder.for(request) },
  };
};

const serviceOf = ({ name, methods: all }: ServiceType, encoder: Encoder, decoder: ValueDecoder): GrpcService => {
  const methods = all.map((method) => methodOf(method, name, encoder, decoder));
  return {
    name,
    encoder,
    decoder,
    methods: methods.filter(({ streaming }) => !streaming),
    streaming: methods.filter(({ streaming }) => streaming),
  };
};

/**
 * Reads a .proto file for calls. A path is read with its folder as the root; `findProto` documents which folders are
 * searched for imports.
 *
 * @throws ProtoError with every problem of the file and its imports.
 */
export const loadProto = (source: string | ProtoSource): ProtoFile => {
  const named = typeof source === 'string' ? { folder: dirname(resolve(source)), proto: resolve(source) } : source;
  const { file, services, service: read, message } = readProto(named);
  const encoder = new Encoder(message);
  const decoder = new ValueDecoder(message);
  return {
    path: file,
    services,
    service: (name) => serviceOf(read(name), encoder, decoder),
  };
};
