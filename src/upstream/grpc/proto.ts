import { dirname, resolve } from 'node:path';
import type { ProtoSource } from '../proto/find.ts';
import type { MessageType, MethodType, ServiceType } from '../proto/model.ts';
import { ProtoError } from '../proto/problems.ts';
import { readProto } from '../proto/read.ts';
import { Decoder } from './decode.ts';
import { Encoder } from './encode.ts';

/** A method of a service that takes one message. */
export interface GrpcMethod {
  /** True if the answer is any number of messages; false for exactly one. */
  readonly streaming: boolean;
  /** lowerCamel: `batchGetStock` for `BatchGetStock`. */
  readonly name: string;
  /** `/inventory.v1.Inventory/BatchGetStock` */
  readonly path: string;
  /** `inventory.v1.Inventory/BatchGetStock` */
  readonly route: string;
  /** True if `idempotency_level` declares that sending it twice does no more than sending it once. */
  readonly idempotent: boolean;
  /** True if `idempotency_level` declares that it only reads. */
  readonly safe: boolean;
  /** See `Encoder.for`. @throws GatewayError BAD_USER_INPUT for a value that is no such message. */
  readonly encode: (value: unknown) => Uint8Array;
  readonly request: MessageType;
  readonly response: MessageType;
  /**
   * Decodes one message of the answer; see `Decoder.for`. @throws Error for bytes that are no such message, TooMuchError for
   * what would become more than 64 MiB.
   */
  readonly decode: (bytes: Uint8Array) => unknown;
}

export interface GrpcService {
  /** Full name, with the package. */
  readonly name: string;
  /** One message, one answer. */
  readonly methods: readonly GrpcMethod[];
  /** One message, any number of answers. */
  readonly streaming: readonly GrpcMethod[];
  /** Names, in lowerCamel, of the methods to which the client streams: nothing here can call them. */
  readonly uncallable: readonly string[];
}

export interface ProtoFile {
  /** Absolute path. */
  readonly path: string;
  /** Full names of the services, imported ones included. */
  readonly services: readonly string[];
  /**
   * The service of this full name.
   *
   * @throws ProtoError that lists the services there are, or says that none of its methods can be called.
   */
  service(name: string): GrpcService;
}

/** Name of a method as clients call it: `batchGetStock` for `BatchGetStock`. */
export const methodName = ({ name }: Pick<MethodType, 'name'>): string =>
  name.slice(0, 1).toLowerCase() + name.slice(1);

const methodOf = (method: MethodType, service: string, encoder: Encoder, decoder: Decoder): GrpcMethod => {
  const { name, request, response, serverStreams, idempotency } = method;
  const route = `${service}/${name}`;
  return {
    streaming: serverStreams,
    name: methodName(method),
    path: `/${route}`,
    route,
    idempotent: idempotency !== 'unknown',
    safe: idempotency === 'safe',
    request,
    response,
    encode: encoder.for(request),
    decode: decoder.for(response),
  };
};

const serviceOf = ({ name, methods: all }: ServiceType, encoder: Encoder, decoder: Decoder): GrpcService => {
  const callable = all.filter(({ clientStreams }) => !clientStreams);
  const methods = callable.map((method) => methodOf(method, name, encoder, decoder));
  return {
    name,
    methods: methods.filter(({ streaming }) => !streaming),
    streaming: methods.filter(({ streaming }) => streaming),
    uncallable: all.filter(({ clientStreams }) => clientStreams).map(methodName),
  };
};

const assertCallable = (file: string, { name, methods, streaming, uncallable }: GrpcService): void => {
  if (methods.length + streaming.length > 0 || uncallable.length === 0) return;
  const names = uncallable.join(', ');
  const wrong = `the client streams to every method of ${name} (${names}), which is not supported`;
  throw new ProtoError([{ file, place: null, wrong, remedy: 'Use methods that take one message.' }]);
};

/**
 * Reads a .proto file for calls. A path stands for a file in a folder of its own; `findProto` documents which folders are
 * searched for imports.
 *
 * @throws ProtoError with everything that is wrong in the file and in its imports.
 */
export const loadProto = (source: string | ProtoSource): ProtoFile => {
  const named = typeof source === 'string' ? { folder: dirname(resolve(source)), proto: resolve(source) } : source;
  const { file, services, service: read } = readProto(named);
  const encoder = new Encoder();
  const decoder = new Decoder();
  return {
    path: file,
    services,
    service: (name) => {
      const service = serviceOf(read(name), encoder, decoder);
      assertCallable(file, service);
      return service;
    },
  };
};
