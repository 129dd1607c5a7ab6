import type { ErrorCode } from '../../core/errors.ts';
import type { FailedStatus } from '../../upstream/grpc/status.ts';
import type { CheckOptions, TrafficOptions } from '../../upstream/options.ts';
import type { NoProblem } from '../checks/problem.ts';

/** Data of the caller that an upstream receives. Default: none. */
export interface Forward {
  /** `token`: the caller's `Authorization` header, unchanged. */
  readonly identity?: 'token';
  /** The caller's address, as `X-Forwarded-For`. */
  readonly client?: boolean;
  /** Headers of the caller's request, by name. */
  readonly headers?: readonly string[];
}

export interface UpstreamOptions extends TrafficOptions {
  /** Timeout of one attempt in milliseconds, limited by the rest of the request's deadline. Default 2,000. */
  readonly timeoutMs?: number;
  /**
   * Maximum size of an answer; a larger one is UPSTREAM_RESPONSE_TOO_LARGE. Default 10 MiB for REST, 4 MiB for gRPC.
   */
  readonly maxResponseBytes?: number;
  /** Default: nothing of the caller. */
  readonly forward?: Forward;
}

export interface RestOptions extends UpstreamOptions {
  /**
   * Health check in the background: `GET <path>` must return 2xx, or a status of `expectStatus`. Default: no check;
   * `/health` reports whether a connection succeeds.
   */
  readonly health?: CheckOptions & { readonly path: string; readonly expectStatus?: number | readonly number[] };
  /** Error codes by status, replacing the defaults: `{ 404: 'BAD_USER_INPUT' }`. */
  readonly errorCodes?: Readonly<Partial<Record<number, ErrorCode>>>;
  /** True to request compressed answers. Unrequested compression is decoded in any case. Default false. */
  readonly compression?: boolean;
  /** Maximum length of path and query in characters; larger batches are split. Default 8,000. */
  readonly maxUrlLength?: number;
}

export interface GrpcOptions<Service extends string> extends UpstreamOptions {
  /** The .proto file, relative to the module's folder or to one of `protoPaths`. */
  readonly proto: string;
  /**
   * Folders that imports are resolved in, relative to the module's folder, as for `protoc --proto_path`. The file's own
   * folder, the module's folder and Google's common files are always searched. Default: none.
   */
  readonly protoPaths?: readonly string[];
  /** Full name with the package: `inventory.v1.Inventory`. */
  readonly service: Service;
  /** Health check of every endpoint in the background, by grpc.health.v1. Default: no check. */
  readonly health?: CheckOptions;
  /** Error codes by status, replacing the defaults: `{ FAILED_PRECONDITION: 'BAD_USER_INPUT' }`. */
  readonly errorCodes?: Readonly<Partial<Record<FailedStatus, ErrorCode>>>;
  /** Compresses large messages, and accepts compressed ones. Default: none. */
  readonly compression?: 'gzip';
}

export interface RestUpstream extends RestOptions {
  readonly protocol: 'rest';
}

export interface GrpcUpstream<Service extends string = string> extends GrpcOptions<Service>, NoProblem {
  readonly protocol: 'grpc';
}

export type UpstreamDefinition = RestUpstream | GrpcUpstream;

/** Declares a REST service that this module calls. Set its endpoints in `<MODULE>_<UPSTREAM>_ENDPOINTS`. */
export const rest = (options: RestOptions = {}): RestUpstream => ({ protocol: 'rest', ...options });

/** Declares a gRPC service that this module calls. Set its endpoints in `<MODULE>_<UPSTREAM>_ENDPOINTS`. */
export const grpc = <const Service extends string>(options: GrpcOptions<Service>): GrpcUpstream<Service> => ({
  protocol: 'grpc',
  ...options,
});
