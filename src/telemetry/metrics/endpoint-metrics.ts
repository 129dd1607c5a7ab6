import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** Number of endpoints of an upstream in one state, from one source. */
export interface EndpointCount {
  readonly upstream: string;
  /** Name of the source, or `list` for endpoints of the configuration. */
  readonly source: string;
  readonly state: string;
  readonly count: number;
}

/** State of a source of endpoints. */
export interface SourceState {
  readonly upstream: string;
  readonly source: string;
  /** Time since its last good list was read or confirmed, in milliseconds; null before the first one. */
  readonly answeredMsAgo: number | null;
  /** Null unless its last reading failed. */
  readonly failure: string | null;
  /** Number of failed readings by cause. */
  readonly failures: Readonly<Record<string, number>>;
  /** Number of different lists. */
  readonly changes: number;
}

/** TLS of an upstream. */
export interface UpstreamCertificates {
  readonly upstream: string;
  readonly certificates: readonly {
    readonly use: string;
    /** Path of its file; '' for the certificate of a server. */
    readonly file: string;
    /** Milliseconds since 1970. */
    readonly expiresAt: number;
  }[];
  /** Number of failed handshakes by cause. */
  readonly handshakeFailures: Readonly<Record<string, number>>;
}

/**
 * Metrics of endpoints and of their sources, exported whenever metrics are read. Their labels are upstreams, sources as
 * configured, states and causes: closed sets. Addresses that a source finds are no labels.
 */
export interface EndpointMetrics {
  watchEndpoints(counts: () => readonly EndpointCount[]): void;
  watchSources(states: () => readonly SourceState[]): void;
  watchCertificates(states: () => readonly UpstreamCertificates[]): void;
}

const countsBy = (
  counts: readonly EndpointCount[],
  keyOf: (one: EndpointCount) => string,
): Map<string, EndpointCount> => {
  const sums = new Map<string, EndpointCount>();
  for (const one of counts) {
    const key = keyOf(one);
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return sums;
};

/** The certificate of each use and file that expires first. */
const firstToExpire = ({ certificates }: UpstreamCertificates) =>
  [...Map.groupBy(certificates, ({ use, file }) => `${use} ${file}`).values()].flatMap((group) =>
    group.toSorted((one, other) => one.expiresAt - other.expiresAt).slice(0, 1),
  );

const watchCertificates = (meter: Meter, states: () => readonly UpstreamCertificates[]): void => {
  meter
    .createObservableGauge(names.METRIC_UPSTREAM_CERTIFICATE_EXPIRY, {
      unit: 's',
      description: 'End of the validity of a certificate, in seconds since 1970: of the first one of its file',
    })
    .addCallback((result) => {
      for (const state of states())
        for (const { use, file, expiresAt } of firstToExpire(state))
          result.observe(Math.floor(expiresAt / 1_000), {
            [names.ATTR_UPSTREAM]: state.upstream,
            [names.ATTR_CERTIFICATE]: use,
            [names.ATTR_FILE]: file,
          });
    });
  meter
    .createObservableCounter(names.METRIC_UPSTREAM_HANDSHAKE_FAILURES, {
      description: 'Failed TLS handshakes, by cause',
    })
    .addCallback((result) => {
      for (const { upstream, handshakeFailures } of states())
        for (const [cause, count] of Object.entries(handshakeFailures))
          result.observe(count, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_REASON]: cause });
    });
};

export const endpointMetrics = (meter: Meter): EndpointMetrics => ({
  watchCertificates: (states) => watchCertificates(meter, states),
  watchEndpoints: (counts) => {
    meter
      .createObservableGauge(names.METRIC_UPSTREAM_ENDPOINTS, { description: 'Endpoints, by state' })
      .addCallback((result) => {
        for (const { upstream, state, count } of countsBy(counts(), (one) => `${one.upstream} ${one.state}`).values())
          result.observe(count, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_STATE]: state });
      });
    meter
      .createObservableGauge(names.METRIC_UPSTREAM_SOURCE_ENDPOINTS, {
        description: 'Endpoints, by the source that lists them and by state',
      })
      .addCallback((result) => {
        for (const { upstream, source, state, count } of counts())
          result.observe(count, {
            [names.ATTR_UPSTREAM]: upstream,
            [names.ATTR_SOURCE]: source,
            [names.ATTR_STATE]: state,
          });
      });
  },
  watchSources: (states) => {
    const attributesOf = ({ upstream, source }: SourceState) => ({
      [names.ATTR_UPSTREAM]: upstream,
      [names.ATTR_SOURCE]: source,
    });
    meter
      .createObservableGauge(names.METRIC_UPSTREAM_SOURCE_UP, {
        description: '1 if the last reading of a source succeeded, otherwise 0',
      })
      .addCallback((result) => {
        for (const state of states()) result.observe(state.failure === null ? 1 : 0, attributesOf(state));
      });
    meter
      .createObservableGauge(names.METRIC_UPSTREAM_SOURCE_AGE, {
        unit: 's',
        description: 'Time since the last good list of a source was read or confirmed',
      })
      .addCallback((result) => {
        for (const state of states())
          if (state.answeredMsAgo !== null) result.observe(state.answeredMsAgo / 1_000, attributesOf(state));
      });
    meter
      .createObservableCounter(names.METRIC_UPSTREAM_SOURCE_CHANGES, { description: 'Different lists of a source' })
      .addCallback((result) => {
        for (const state of states()) result.observe(state.changes, attributesOf(state));
      });
    meter
      .createObservableCounter(names.METRIC_UPSTREAM_SOURCE_FAILURES, {
        description: 'Failed readings of a source, by cause',
      })
      .addCallback((result) => {
        for (const state of states())
          for (const [cause, count] of Object.entries(state.failures))
            result.observe(count, { ...attributesOf(state), [names.ATTR_REASON]: cause });
      });
  },
});
