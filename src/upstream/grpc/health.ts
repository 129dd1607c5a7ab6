import protobuf from 'protobufjs';
import type { Call, Send } from '../call.ts';
import { Decoder } from './decode.ts';
import { Encoder } from './encode.ts';
import { GrpcStatusError } from './status.ts';

/** From https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const HEALTH = `
  syntax = "proto3";
  package grpc.health.v1;
  message HealthCheckRequest { string service = 1; }
  message HealthCheckResponse {
    enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
    ServingStatus status = 1;
  }`;
const { root } = protobuf.parse(HEALTH);
root.resolveAll();
const encode = new Encoder().for(root.lookupType('grpc.health.v1.HealthCheckRequest'));
const decode = new Decoder().for(root.lookupType('grpc.health.v1.HealthCheckResponse'));

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
