import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { type GrpcTransport, type GrpcTransportOptions, grpcTransport } from '../../../src/upstream/grpc/transport.ts';

/** A gRPC transport that accepts messages of up to 4 MiB, and closes with the test. */
export const openTransport = (options: Partial<GrpcTransportOptions> = {}): GrpcTransport => {
  const transport = grpcTransport({
    clock: systemClock,
    maxResponseBytes: 4_194_304,
    connectTimeoutMs: 100_000,
    ...options,
  });
  onTestFinished(() => transport.close());
  return transport;
};
