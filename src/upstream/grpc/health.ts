import { Decoder } from '../../protobuf/codec/decode.ts';
import { Encoder } from '../../protobuf/codec/encode.ts';
import { builtInField, builtInMessage, type EnumType } from '../../protobuf/type-model.ts';
import type { Call, Send } from '../call.ts';
import { GrpcStatusError } from './status.ts';

// From https://github.com/grpc/grpc/blob/master/doc/health-checking.md
const SERVING_STATUS: EnumType = {
  kind: 'enum',
  name: 'grpc.health.v1.HealthCheckResponse.ServingStatus',
  path: ['HealthCheckResponse', 'ServingStatus'],
  file: '',
  doc: null,
  numbers: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 },
  names: { 0: 'UNKNOWN', 1: 'SERVING', 2: 'NOT_SERVING', 3: 'SERVICE_UNKNOWN' },
  first: 'UNKNOWN',
  isOpen: true,
};
const REQUEST = builtInMessage('grpc.health.v1.HealthCheckRequest', [builtInField(1, 'service', 'string')]);
const RESPONSE = builtInMessage('grpc.health.v1.HealthCheckResponse', [builtInField(1, 'status', SERVING_STATUS)]);
const encode = new Encoder().for(REQUEST);
const decode = new Decoder().for(RESPONSE);

/** `unknown`: the server reports no status, or does not know the service. */
export type GrpcHealth = 'serving' | 'not-serving' | 'unknown';

/** Service and timeout of a check. `service` is the full name; the default checks the server as a whole. */
export interface HealthQuestion extends Pick<Call, 'upstream' | 'endpoint' | 'deadline' | 'signal'> {
  readonly service?: string;
}

const healthOf = (value: unknown): GrpcHealth => {
  const status = typeof value === 'object' && value !== null && 'status' in value ? value.status : undefined;
  if (status === 'SERVING') return 'serving';
  return status === 'NOT_SERVING' ? 'not-serving' : 'unknown';
};

/**
 * Checks one endpoint with gRPC's health checking protocol. A server that does not implement it counts as serving,
 * because it answered.
 *
 * @throws the error of `send` if no status of a health service arrived.
 */
export const grpcHealth = async (send: Send, { service = '', ...question }: HealthQuestion): Promise<GrpcHealth> => {
  try {
    const answer = await send({
      ...question,
      route: 'grpc.health.v1.Health/Check',
      idempotent: true,
      principalKey: 'anonymous',
      headers: {},
      message: { protocol: 'grpc', path: '/grpc.health.v1.Health/Check', request: encode({ service }), decode },
      request: null,
      attempt: 1,
    });
    return healthOf(answer.value);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof GrpcStatusError && cause.status === 'UNIMPLEMENTED') return 'serving';
    if (cause instanceof GrpcStatusError && cause.status === 'NOT_FOUND') return 'unknown';
    throw error;
  }
};
