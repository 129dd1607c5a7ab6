import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { UpstreamError } from '../../../src/core/errors.ts';
import { type RestTransportOptions, restTransport, type Transport } from '../../../src/upstream/rest/transport.ts';

/** A transport that accepts answers of up to 1,000 bytes, and closes with the test. */
export const transportWith = (options: Partial<RestTransportOptions> = {}): Transport => {
  const transport = restTransport({
    clock: systemClock,
    maxResponseBytes: 1_000,
    connectTimeoutMs: 100_000,
    ...options,
  });
  onTestFinished(() => transport.close());
  return transport;
};

/** The UpstreamError of a call. @throws any other error, and an error for a response. */
export const failureOf = async (promise: Promise<unknown>): Promise<UpstreamError> => {
  const error = await promise.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UpstreamError)) throw error;
  return error;
};
