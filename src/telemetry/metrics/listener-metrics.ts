import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** A certificate of a listener, or a file with revocation lists. */
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
  /** Exports the end of each file of revocation lists whenever metrics are read. */
  watchRevocationLists(states: () => readonly ListenerCertificateState[]): void;
}

export const listenerMetrics = (meter: Meter): ListenerMetrics => {
  const refusals = meter.createCounter(names.METRIC_LISTENER_REFUSALS, {
    description: 'Connections that were refused',
  });
  const watchEnds = (name: string, description: string) => (states: () => readonly ListenerCertificateState[]) => {
    meter.createObservableGauge(name, { unit: 's', description }).addCallback((result) => {
      for (const { listener, file, expiresAt } of states())
        result.observe(Math.floor(expiresAt / 1_000), { [names.ATTR_LISTENER]: listener, [names.ATTR_FILE]: file });
    });
  };
  return {
    connectionRefused: (listener, reason) =>
      refusals.add(1, { [names.ATTR_LISTENER]: listener, [names.ATTR_REASON]: reason }),
    watchListenerCertificates: watchEnds(
      names.METRIC_LISTENER_CERTIFICATE_EXPIRY,
      'End of the validity of a certificate, in seconds since 1970',
    ),
    watchRevocationLists: watchEnds(
      names.METRIC_LISTENER_LIST_EXPIRY,
      'End of the validity of a certificate revocation list, in seconds since 1970: of the first one of its file',
    ),
  };
};
