import type { ErrorCode } from '../../core/errors.ts';
import type { FailedStatus } from '../../upstream/grpc/status.ts';
import { hasOwnCredentials } from '../credentials/own-credentials.ts';
import type { Forward, GrpcUpstream, RestUpstream, UpstreamDefinition } from './upstream-options.ts';

type RestCodes = Readonly<Partial<Record<number, ErrorCode>>>;
type GrpcCodes = Readonly<Partial<Record<FailedStatus, ErrorCode>>>;

/** Headers with the client's credentials. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie']);

const knowsClient = ({ identity, headers = [] }: Forward = {}): boolean =>
  identity === 'token' || headers.some((name) => CREDENTIALS.has(name.toLowerCase()));

// A backend that does not receive the client's credentials can only reject the gateway's own, such as an API key of the
// module. The client cannot fix this.
const REST: RestCodes = { 401: 'UPSTREAM_ERROR', 403: 'UPSTREAM_ERROR' };
const GRPC: GrpcCodes = { UNAUTHENTICATED: 'UPSTREAM_ERROR', PERMISSION_DENIED: 'UPSTREAM_ERROR' };

/**
 * Error codes of an upstream that differ from the defaults: those of rejected credentials if none of the client are
 * forwarded, then its `errorCodes`.
 */
export function errorCodesOf(definition: RestUpstream): RestCodes;
export function errorCodesOf(definition: GrpcUpstream): GrpcCodes;
export function errorCodesOf(definition: UpstreamDefinition): RestCodes | GrpcCodes {
  const { protocol, forward, errorCodes } = definition;
  if (!knowsClient(forward)) return protocol === 'rest' ? { ...REST, ...errorCodes } : { ...GRPC, ...errorCodes };
  if (!hasOwnCredentials(definition)) return errorCodes ?? {};
  // The gateway has verified the client's token itself: a 401 is most likely about its own credentials. If it told clients
  // to sign in, a revoked key of the gateway would sign out all of them.
  return protocol === 'rest'
    ? { 401: 'UPSTREAM_ERROR', ...errorCodes }
    : { UNAUTHENTICATED: 'UPSTREAM_ERROR', ...errorCodes };
}
