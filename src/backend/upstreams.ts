import type { ErrorCode } from '../errors.ts';
import type { FailedStatus } from '../upstream/grpc/status.ts';
import type { CheckOptions, TrafficOptions } from '../upstream/traffic.ts';
import type { NoProblem } from './checks/problem.ts';

/** What an upstream is told of the caller. Nothing, unless it is declared here. */
export interface Forward {
  /** `token`: the caller's `Authorization` header, as it came. */
  readonly identity?: 'token';
  /** The caller's address, as `X-Forwarded-For`. */
  readonly client?: boolean;
  /** Headers of the caller's request, by name. */
  readonly headers?: readonly string[];
}

export interface UpstreamOptions extends TrafficOptions {
  /** How long one attempt may take, in milliseconds; never longer than what is left of the request. Default 2,000. */
  readonly timeoutMs?: number;
  /** A larger answer is UPSTREAM_RESPONSE_TOO_LARGE. Default 10 MiB for REST, 4 MiB for gRPC. */
  readonly maxResponseBytes?: number;
  /** Default: nothing of the caller. */
  readonly forward?: Forward;
}

export interface RestOptions extends UpstreamOptions {
  /**
   * Where an endpoint says that it is well, asked in the background: `GET <path>` answers 2xx, or one of `expectStatus`.
   * Default: nobody asks; `/health` shows whether it can be connected to.
   */
  readonly health?: CheckOptions & { readonly path: string; readonly expectStatus?: number | readonly number[] };
  /** Codes for what a status means here, in place of the usual ones: `{ 404: 'BAD_USER_INPUT' }`. */
  readonly errorCodes?: Readonly<Partial<Record<number, ErrorCode>>>;
  /** Whether answers may come compressed. What does so unasked is read all the same. Default false. */
  readonly compression?: boolean;
  /** Longest path and query sent, in characters; batches that need more are split. Default 8,000. */
  readonly maxUrlLength?: number;
}

export interface GrpcOptions<Service extends string> extends UpstreamOptions {
  /** The .proto file, relative to the module's folder or to one of `protoPaths`. */
  readonly proto: string;
  /**
   * Folders that the file's imports start in, relative to the module's folder, as for `protoc --proto_path`. The file's own
   * folder, the module's folder and Google's common files are always searched. Default: none.
   */
  readonly protoPaths?: readonly string[];
  /** Full name, with the package: `inventory.v1.Inventory`. */
  readonly service: Service;
  /** Asks every endpoint for its health in the background, by grpc.health.v1. Default: nobody asks. */
  readonly health?: CheckOptions;
  /** Codes for what a status means here, in place of the usual ones: `{ FAILED_PRECONDITION: 'BAD_USER_INPUT' }`. */
  readonly errorCodes?: Readonly<Partial<Record<FailedStatus, ErrorCode>>>;
  /** Sends large messages compressed, and takes compressed ones. Default: none. */
  readonly compression?: 'gzip';
}

export interface RestUpstream extends RestOptions {
  readonly protocol: 'rest';
}

export interface GrpcUpstream<Service extends string = string> extends GrpcOptions<Service>, NoProblem {
  readonly protocol: 'grpc';
}

export type UpstreamDefinition = RestUpstream | GrpcUpstream;

/** A REST service that this module calls. Where it runs is said by `<MODULE>_<UPSTREAM>_ENDPOINTS`. */
export const rest = (options: RestOptions = {}): RestUpstream => ({ protocol: 'rest', ...options });

/** A gRPC service that this module calls. Where it runs is said by `<MODULE>_<UPSTREAM>_ENDPOINTS`. */
export const grpc = <const Service extends string>(options: GrpcOptions<Service>): GrpcUpstream<Service> => ({
  protocol: 'grpc',
  ...options,
});
