import type { Clock } from '../clock.ts';
import { balance } from './balance.ts';
import { type Layer, type Send, stack } from './call.ts';
import type { Endpoint } from './endpoint.ts';
import { grpcWire } from './grpc/wire.ts';
import { type EndpointHealth, type HealthCheck, healthOf } from './health.ts';
import { observe, observeEndpoint } from './observe.ts';
import { restWire } from './rest/wire.ts';
import { singleFlight } from './single-flight.ts';
import { deadline, timeout } from './time-limit.ts';

export interface UpstreamSettings {
  /** `<module>.<upstream>` */
  readonly name: string;
  readonly protocol: 'rest' | 'grpc';
  readonly endpoints: readonly Endpoint[];
  /** Of one attempt, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number | undefined;
  /** Default 10 MiB for REST, 4 MiB for gRPC. */
  readonly maxResponseBytes?: number | undefined;
  readonly health: HealthCheck;
}

/** One network service with its endpoints, connected. */
export interface Upstream {
  readonly name: string;
  readonly send: Send;
  /** Asks every endpoint how it is, now. */
  health(): Promise<readonly EndpointHealth[]>;
  /** Lets calls in flight end, then closes every connection. */
  close(): Promise<void>;
}

const MEBIBYTE = 1_048_576;
const CONNECT_TIMEOUT_MS = 1_000;
const MAX_CONNECTIONS = 256;

const TIMEOUT_MS = 2_000;

/**
 * What every call to one upstream goes through on its way to the wire.
 *
 * The first layer listed sees a call first and its outcome last. The time limit around the choice of an endpoint is the
 * caller's patience; the one within is what one endpoint may take of it.
 */
export const upstreamStack = (
  { endpoints, timeoutMs = TIMEOUT_MS }: Pick<UpstreamSettings, 'endpoints' | 'timeoutMs'>,
  clock: Clock,
): Layer =>
  stack(
    observe,
    deadline(clock),
    singleFlight(clock),
    balance(endpoints),
    observeEndpoint,
    timeout({ timeoutMs }, clock),
  );

/** Connects one upstream: its stack on the wire of its protocol. */
export const connectUpstream = (settings: UpstreamSettings, clock: Clock): Upstream => {
  const { name, protocol, endpoints, health } = settings;
  const connectTimeoutMs = CONNECT_TIMEOUT_MS;
  const wire =
    protocol === 'rest'
      ? restWire({
          maxResponseBytes: settings.maxResponseBytes ?? 10 * MEBIBYTE,
          connectTimeoutMs,
          maxConnections: MAX_CONNECTIONS,
        })
      : grpcWire({ maxResponseBytes: settings.maxResponseBytes ?? 4 * MEBIBYTE, connectTimeoutMs, clock });

  return {
    name,
    send: upstreamStack(settings, clock)(wire.send),
    health: () => Promise.all(endpoints.map((endpoint) => healthOf(endpoint, health, wire.send, clock))),
    close: () => wire.close(),
  };
};
