import { outgoingStream } from '../../../../backend/grpc/outgoing-stream.ts';
import type { Clock } from '../../../../core/clock.ts';
import { ValueDecoder } from '../../../../protobuf/codec/decode-values.ts';
import { Encoder } from '../../../../protobuf/codec/encode.ts';
import { builtInField, builtInMessage } from '../../../../protobuf/type-model.ts';
import { endpointAt } from '../../../../upstream/endpoints/endpoint.ts';
import { GrpcStatusError } from '../../../../upstream/grpc/status.ts';
import { grpcTransport } from '../../../../upstream/grpc/transport.ts';
import { isJsonRecord, jsonIn, listIn, textIn } from '../../json.ts';

// https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
const PACKAGES = ['grpc.reflection.v1', 'grpc.reflection.v1alpha'] as const;

const REQUEST = builtInMessage('ServerReflectionRequest', [
  builtInField(3, 'fileByFilename', 'string'),
  builtInField(4, 'fileContainingSymbol', 'string'),
  builtInField(7, 'listServices', 'string'),
]);
const SERVICE = builtInMessage('ServiceResponse', [builtInField(1, 'name', 'string')]);
const RESPONSE = builtInMessage('ServerReflectionResponse', [
  builtInField(4, 'files', builtInMessage('FileDescriptorResponse', [builtInField(1, 'descriptors', 'bytes', 'list')])),
  builtInField(6, 'services', builtInMessage('ListServiceResponse', [builtInField(1, 'service', SERVICE, 'list')])),
  builtInField(
    7,
    'error',
    builtInMessage('ErrorResponse', [builtInField(1, 'code', 'int32'), builtInField(2, 'message', 'string')]),
  ),
]);
const encode = new Encoder(() => null).for(REQUEST);
const decode = new ValueDecoder(() => null).for(RESPONSE);

/** Reads the descriptors of a gRPC server. */
export interface ReflectionClient {
  /** Full names of the services. */
  services(): Promise<readonly string[]>;
  /** Serialized FileDescriptorProtos: of the files with these symbols, and some of their imports. */
  filesOf(symbols: readonly string[]): Promise<readonly Uint8Array[]>;
  /** Serialized FileDescriptorProtos with these names. */
  filesNamed(names: readonly string[]): Promise<readonly Uint8Array[]>;
  close(): void;
}

/** The server answers a request of the protocol with an error. */
export class ReflectionError extends Error {
  override readonly name = 'ReflectionError';
}

export interface ReflectionOptions {
  /** `grpc://host:port` or `grpcs://host:port` */
  readonly url: URL;
  /** Metadata of each call, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const isUnimplemented = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof GrpcStatusError && error.cause.status === 'UNIMPLEMENTED';

/** Creates a client of the server reflection protocol: `v1`, or `v1alpha` for servers without it. */
export const reflectionClient = (options: ReflectionOptions): ReflectionClient => {
  const { url, headers, clock, timeoutMs, maxBytes, signal } = options;
  const transport = grpcTransport({ clock, maxResponseBytes: maxBytes, connectTimeoutMs: timeoutMs });
  const endpoint = endpointAt(url);
  const deadline = clock.now() + timeoutMs;
  let [known]: readonly (string | undefined)[] = [];

  /** One stream with these requests. Its responses have the same order. */
  const exchange = async (name: string, requests: readonly object[]): Promise<unknown[]> => {
    const route = `${name}.ServerReflection/ServerReflectionInfo`;
    const answer = await transport.send({
      upstream: url.host,
      route,
      idempotent: true,
      principalKey: 'anonymous',
      headers,
      message: {
        protocol: 'grpc',
        path: `/${route}`,
        request: new Uint8Array(0),
        outgoing: outgoingStream(route, requests, encode),
        decode,
        streaming: true,
      },
      deadline,
      signal,
      request: null,
      attempt: 1,
      endpoint,
    });
    const responses: unknown[] = [];
    // A streaming call has an AsyncIterable as its value.
    for await (const response of answer.value as AsyncIterable<unknown>) {
      responses.push(response);
      if (responses.length === requests.length) break;
    }
    return responses;
  };

  const sendRequest = async (requests: readonly object[]): Promise<unknown[]> => {
    if (known !== undefined) return exchange(known, requests);
    const [first, second] = PACKAGES;
    try {
      const responses = await exchange(first, requests);
      known = first;
      return responses;
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
      const responses = await exchange(second, requests);
      known = second;
      return responses;
    }
  };

  const checked = (response: unknown): unknown => {
    const { error } = jsonIn(response);
    if (isJsonRecord(error)) throw new ReflectionError(textIn(error.message) ?? `status ${String(error.code)}`);
    return response;
  };

  const files = async (requests: readonly object[]): Promise<Uint8Array[]> => {
    if (requests.length === 0) return [];
    const responses = (await sendRequest(requests)).map(checked);
    return responses.flatMap((response) =>
      listIn(jsonIn(jsonIn(response).files).descriptors).map((text) => Buffer.from(String(text), 'base64')),
    );
  };

  return {
    services: async () => {
      const [response] = (await sendRequest([{ listServices: '*' }])).map(checked);
      return listIn(jsonIn(jsonIn(response).services).service).flatMap((one) => textIn(jsonIn(one).name) ?? []);
    },
    filesOf: (symbols) => files(symbols.map((fileContainingSymbol) => ({ fileContainingSymbol }))),
    filesNamed: (names) => files(names.map((fileByFilename) => ({ fileByFilename }))),
    // Not awaited: a connection without calls does not keep the process alive.
    close: () => void transport.close(),
  };
};
