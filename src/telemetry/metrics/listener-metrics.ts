import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** A certificate of a listener. */
export interface ListenerCertificateState {
  readonly listener: string;
  readonly file: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Metrics of connections to the gateway. */
export interface ListenerMetrics {
  /** Counts a connection that was closed before its first request. */
  connectionRefused(listener: string, reason: string): void;
  /** Exports the end of each certificate whenever metrics are read. */
  watchListenerCertificates(states: () => readonly ListenerCertificateState[]): void;
}

export const listenerMetrics = (meter: Meter): ListenerMetrics => {
  const refusals = meter.createCounter(names.METRIC_LISTENER_REFUSALS, {
    description: 'Connections that were refused',
  });
  return {
    connectionRefused: (listener, reason) =>
      refusals.add(1, { [names.ATTR_LISTENER]: listener, [names.ATTR_REASON]: reason }),
    watchListenerCertificates: (states) =>
      meter
        .createObservableGauge(names.METRIC_LISTENER_CERTIFICATE_EXPIRY, {
          unit: 's',
          description: 'End of the validity of a certificate, in seconds since 1970',
        })
        .addCallback((result) => {
          for (const { listener, file, expiresAt } of states())
            result.observe(Math.floor(expiresAt / 1_000), { [names.ATTR_LISTENER]: listener, [names.ATTR_FILE]: file });
        }),
  };
};
