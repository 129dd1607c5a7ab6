import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { Decoder } from './decode.ts';
import { Encoder } from './encode.ts';

/** A method of a service that takes one message. */
export interface GrpcMethod {
  /** Whether the answer is any number of messages; false for exactly one. */
  readonly streaming: boolean;
  /** lowerCamel: `batchGetStock` for `BatchGetStock`. */
  readonly name: string;
  /** `/inventory.v1.Inventory/BatchGetStock` */
  readonly path: string;
  /** `inventory.v1.Inventory/BatchGetStock` */
  readonly route: string;
  /** Whether `idempotency_level` says that sending it twice does no more than sending it once. */
  readonly idempotent: boolean;
  /** Whether `idempotency_level` says that it only reads. */
  readonly safe: boolean;
  /** See `Encoder.for`. @throws GatewayError BAD_USER_INPUT for a value that is no such message. */
  readonly encode: (value: unknown) => Uint8Array;
  /**
   * Of each message of the answer; see `Decoder.for`. @throws Error for bytes that are no such message, TooMuchError for
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
  /** The file and all that it imports, resolved. Nothing of it is changed by encoding or decoding. */
  readonly root: protobuf.Root;
  /** Full names of the services, imported ones included. */
  readonly services: readonly string[];
  /**
   * By full name.
   *
   * @throws Error that lists the services there are, or says that none of its methods can be called.
   */
  service(name: string): GrpcService;
}

/** google/api and the rarer files of google/protobuf; the usual ones are built into protobufjs. */
const GOOGLE = dirname(fileURLToPath(import.meta.resolve('protobufjs/package.json')));

const readRoot = (path: string): protobuf.Root => {
  const root = new protobuf.Root();
  const folder = dirname(path);
  root.resolvePath = (origin, target) => {
    if (origin === '') return path;
    const places = [resolve(folder, target), resolve(dirname(origin), target), resolve(GOOGLE, target)];
    return places.find((place) => existsSync(place)) ?? resolve(folder, target);
  };
  return root.loadSync(path);
};

const servicesIn = (space: protobuf.NamespaceBase): protobuf.Service[] =>
  space.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Service) return [nested];
    return nested instanceof protobuf.Namespace ? servicesIn(nested) : [];
  });

const fullName = (object: protobuf.ReflectionObject): string => object.fullName.replace(/^\./, '');

const IDEMPOTENT = new Set(['NO_SIDE_EFFECTS', 'IDEMPOTENT']);

const lowerCamel = ({ name }: protobuf.Method): string => name.slice(0, 1).toLowerCase() + name.slice(1);

const methodOf = (method: protobuf.Method, service: string, encoder: Encoder, decoder: Decoder): GrpcMethod | null => {
  method.resolve();
  const { resolvedRequestType: request, resolvedResponseType: response } = method;
  if (method.requestStream === true || request === null || response === null) return null;
  const route = `${service}/${method.name}`;
  return {
    streaming: method.responseStream === true,
    name: lowerCamel(method),
    path: `/${route}`,
    route,
    idempotent: IDEMPOTENT.has(String(method.options?.idempotency_level)),
    safe: method.options?.idempotency_level === 'NO_SIDE_EFFECTS',
    encode: encoder.for(request),
    decode: decoder.for(response),
  };
};

const serviceOf = (service: protobuf.Service, encoder: Encoder, decoder: Decoder): GrpcService => {
  const name = fullName(service);
  const all = service.methodsArray.map((method) => methodOf(method, name, encoder, decoder));
  const callable = all.filter((method) => method !== null);
  return {
    name,
    methods: callable.filter(({ streaming }) => !streaming),
    streaming: callable.filter(({ streaming }) => streaming),
    uncallable: service.methodsArray.filter((_, index) => all[index] === null).map(lowerCamel),
  };
};

const assertCallable = (file: string, { name, methods, streaming, uncallable }: GrpcService): void => {
  if (methods.length + streaming.length > 0 || uncallable.length === 0) return;
  const names = uncallable.join(', ');
  throw new Error(
    `${file}: the client streams to every method of ${name} (${names}), which is not supported. Use methods that take one message.`,
  );
};

const remedy = (cause: unknown): string => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' && 'path' in cause)
    return `cannot find the import ${cause.path}. Put it there, or correct the import.`;
  const missing = /^no such [^:']*[:'] ?([\w.]+)/.exec(reason)?.[1];
  return missing === undefined
    ? `not valid protobuf: ${reason}. Correct the syntax.`
    : `${missing} is not declared. Declare it, or import the file that does.`;
};

/**
 * Reads a .proto file. Imports are looked for beside it, then beside the file that imports, and Google's own need no copy.
 *
 * @throws Error that names the file and what to do about it.
 */
export const loadProto = (path: string): ProtoFile => {
  const file = resolve(path);
  if (!existsSync(file)) throw new Error(`${file}: there is no such file. Create it, or correct the path.`);
  let root: protobuf.Root;
  try {
    root = readRoot(file);
  } catch (cause) {
    throw new Error(`${file}: ${remedy(cause)}`, { cause });
  }
  const services = servicesIn(root);
  const encoder = new Encoder();
  const decoder = new Decoder();
  return {
    path: file,
    root,
    services: services.map(fullName),
    service: (name) => {
      const service = services.find((candidate) => fullName(candidate) === name);
      if (service !== undefined) {
        const found = serviceOf(service, encoder, decoder);
        assertCallable(file, found);
        return found;
      }
      const known = services.map(fullName).join(', ');
      throw new Error(`${file}: no service ${name}. ${known === '' ? 'It declares none.' : `Use one of: ${known}.`}`);
    },
  };
};
