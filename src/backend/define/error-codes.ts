import type { ErrorCode } from '../../core/errors.ts';
import type { FailedStatus } from '../../upstream/grpc/status.ts';
import { hasOwnCredentials, isOfCaller } from '../credentials/own-credentials.ts';
import type { HttpForward } from '../forward/forward-options.ts';
import type { GraphqlUpstream, GrpcUpstream, RestUpstream, UpstreamDefinition } from './upstream-options.ts';

type RestCodes = Readonly<Partial<Record<number, ErrorCode>>>;
type GrpcCodes = Readonly<Partial<Record<FailedStatus, ErrorCode>>>;

/** Headers with the client's credentials. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie']);

const knowsClient = ({ identity, certificate = false, headers = [] }: HttpForward = {}): boolean =>
  identity === 'token' || certificate !== false || headers.some((name) => CREDENTIALS.has(name.toLowerCase()));

// A backend that does not receive the client's credentials can only reject the gateway's own, such as an API key of the
// module. The client cannot fix this.
const REST: RestCodes = { 401: 'UPSTREAM_ERROR', 403: 'UPSTREAM_ERROR' };
const GRPC: GrpcCodes = { UNAUTHENTICATED: 'UPSTREAM_ERROR', PERMISSION_DENIED: 'UPSTREAM_ERROR' };

// A GraphQL service has one path: a status of the whole request concerns the operation that the gateway made of it, and
// not the input of the client or a missing row.
const GRAPHQL: RestCodes = Object.fromEntries(
  [400, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428].map((status) => [status, 'UPSTREAM_ERROR']),
);

/** True if the upstream receives credentials of or for the client, so that a rejection of them concerns the client. */
export const isAuthenticated = (definition: UpstreamDefinition): boolean =>
  knowsClient(definition.forward) || isOfCaller(definition);

/** Codes of rejected credentials. */
const rejections = (definition: UpstreamDefinition): RestCodes | GrpcCodes => {
  const isGrpc = definition.protocol === 'grpc';
  if (!isAuthenticated(definition)) return isGrpc ? GRPC : REST;
  if (!hasOwnCredentials(definition)) return {};
  // The gateway has verified the client's token itself: a 401 is most likely about its own credentials. If it told clients
  // to sign in, a revoked key of the gateway would sign out all of them.
  return isGrpc ? { UNAUTHENTICATED: 'UPSTREAM_ERROR' } : { 401: 'UPSTREAM_ERROR' };
};

/**
 * Error codes of an upstream that differ from the defaults: those of rejected credentials if none of the client are
 * forwarded, then its `errorCodes`.
 */
export function errorCodesOf(definition: RestUpstream | GraphqlUpstream): RestCodes;
export function errorCodesOf(definition: GrpcUpstream): GrpcCodes;
export function errorCodesOf(definition: UpstreamDefinition): RestCodes | GrpcCodes {
  const ofProtocol = definition.protocol === 'graphql' ? GRAPHQL : {};
  return { ...ofProtocol, ...rejections(definition), ...definition.errorCodes };
}
