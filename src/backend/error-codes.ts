import type { ErrorCode } from '../errors.ts';
import type { FailedStatus } from '../upstream/grpc/status.ts';
import type { Forward, GrpcUpstream, RestUpstream, UpstreamDefinition } from './upstreams.ts';

type RestCodes = Readonly<Partial<Record<number, ErrorCode>>>;
type GrpcCodes = Readonly<Partial<Record<FailedStatus, ErrorCode>>>;

/** Headers with the client's credentials. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie']);

const knowsClient = ({ identity, headers = [] }: Forward = {}): boolean =>
  identity === 'token' || headers.some((name) => CREDENTIALS.has(name.toLowerCase()));

// A backend without the client's credentials can only refuse the gateway's own, such as an API key of the module. The
// client can do nothing about these.
const REST: RestCodes = { 401: 'UPSTREAM_ERROR', 403: 'UPSTREAM_ERROR' };
const GRPC: GrpcCodes = { UNAUTHENTICATED: 'UPSTREAM_ERROR', PERMISSION_DENIED: 'UPSTREAM_ERROR' };

/** Codes of an upstream's statuses that differ from the usual ones: by what it knows of the client, then by its `errorCodes`. */
export function errorCodesOf(definition: RestUpstream): RestCodes;
export function errorCodesOf(definition: GrpcUpstream): GrpcCodes;
export function errorCodesOf(definition: UpstreamDefinition): RestCodes | GrpcCodes {
  const { protocol, forward, errorCodes } = definition;
  if (knowsClient(forward)) return errorCodes ?? {};
  return protocol === 'rest' ? { ...REST, ...errorCodes } : { ...GRPC, ...errorCodes };
}
