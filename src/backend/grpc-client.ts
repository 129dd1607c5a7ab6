import { GatewayError } from '../errors.ts';
import type { Send } from '../upstream/call.ts';
import type { GrpcMethod } from '../upstream/grpc/proto.ts';
import type { BoundRequest } from './bound-request.ts';

/** The messages of a unary method. */
export interface GrpcMethodTypes {
  readonly request: unknown;
  readonly response: unknown;
}

export interface GrpcCallOptions {
  /** Declares that sending this twice does no more than sending it once, and is sent as `idempotency-key` metadata. */
  readonly idempotencyKey?: string;
  /** Metadata sent beside what `forward` declares; printable ASCII. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A gRPC upstream, bound to one request: a function for each unary method of the service, `batchGetStock` for
 * `BatchGetStock`. Rejects with an `UpstreamError`; a NOT_FOUND that nobody catches makes a nullable field null.
 */
export type GrpcClient<Methods> = {
  readonly [Method in keyof Methods]: Methods[Method] extends GrpcMethodTypes
    ? (request: Methods[Method]['request'], options?: GrpcCallOptions) => Promise<Methods[Method]['response']>
    : never;
};

/** The client as it is before its types are known. */
export type AnyGrpcClient = Readonly<Record<string, (request: unknown, options?: GrpcCallOptions) => Promise<unknown>>>;

const METADATA_VALUE = /^[\x20-\x7e]*$/;

const metadataOf = (request: BoundRequest, options: GrpcCallOptions): Record<string, string> => {
  const metadata: Record<string, string> = { ...request.headers };
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata[name.toLowerCase()] = value;
  if (options.idempotencyKey !== undefined) metadata['idempotency-key'] = options.idempotencyKey;
  for (const [name, value] of Object.entries(metadata))
    if (!METADATA_VALUE.test(value))
      throw new GatewayError('BAD_USER_INPUT', `The value for ${name} holds characters that are not allowed there.`);
  return metadata;
};

/** Makes the client of one upstream for one request. */
export const grpcClient = (methods: readonly GrpcMethod[], request: BoundRequest, send: Send): AnyGrpcClient => {
  const invoke =
    (method: GrpcMethod) =>
    async (message: unknown, options: GrpcCallOptions = {}) => {
      const answer = await send({
        upstream: request.upstream,
        route: method.route,
        idempotent: method.idempotent || options.idempotencyKey !== undefined,
        principalKey: request.principalKey,
        headers: metadataOf(request, options),
        message: {
          protocol: 'grpc',
          path: method.path,
          request: method.encode(message),
          safe: method.safe,
          decode: method.decode,
        },
        deadline: request.deadline,
        signal: request.signal,
        request: request.trace,
        attempt: 1,
        endpoint: null,
      });
      return answer.value;
    };
  return Object.fromEntries(methods.map((method) => [method.name, invoke(method)]));
};
