import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** A unary method. The message is plain data, camelCase, with every field set. */
export interface GrpcMethod {
  /** Ids of a request, for the call log. */
  ids?(request: unknown): readonly string[];
  /** May throw a GrpcFailure. */
  answer(request: unknown): object;
}

/** Methods by their name in the .proto. */
export type GrpcService = Readonly<Record<string, GrpcMethod>>;

/** A gRPC status other than OK. */
export class GrpcFailure extends Error {
  override readonly name = 'GrpcFailure';
  readonly code: number;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
  }
}

/** @throws Error if the file has no such service */
export const loadService = (proto: URL, name: string): ServiceDefinition => {
  const definition = loadSync(fileURLToPath(proto), { defaults: true, arrays: true, enums: String })[name];
  if (definition === undefined || 'format' in definition) throw new Error(`${proto.pathname} has no service ${name}`);
  return definition;
};
