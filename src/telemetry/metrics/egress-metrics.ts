import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** State of an egress proxy. Its name never contains a credential. */
export interface ProxyState {
  readonly name: string;
  readonly state: string;
  /** Number of attempts by their outcome for the proxy. */
  readonly attempts: Readonly<Record<string, number>>;
}

/** Calls left of a provider's quota. */
export interface QuotaState {
  readonly upstream: string;
  readonly remaining: number;
}

/** Metrics of calls that leave the gateway. */
export interface EgressMetrics {
  /** Exports the state of the proxies, of 200 at most. */
  watchProxies(states: () => readonly ProxyState[]): void;
  watchQuotas(states: () => readonly QuotaState[]): void;
  /** Counts a connection to an address that the gateway must not call. */
  egressRefused(reason: string): void;
}

/** Bound of the label with names of proxies: a list may have more, and change. */
const MAX_PROXIES = 200;

export const egressMetrics = (meter: Meter): EgressMetrics => {
  const refusals = meter.createCounter(names.METRIC_EGRESS_REFUSALS, { description: 'Connections that were refused' });
  return {
    watchProxies: (states) => {
      meter
        .createObservableGauge(names.METRIC_EGRESS_PROXY_UP, {
          description: '1 if an egress proxy receives calls, otherwise 0',
        })
        .addCallback((result) => {
          for (const { name, state } of states().slice(0, MAX_PROXIES))
            result.observe(state === 'up' ? 1 : 0, { [names.ATTR_PROXY]: name });
        });
      meter
        .createObservableCounter(names.METRIC_EGRESS_PROXY_ATTEMPTS, {
          description: 'Attempts through an egress proxy, by their outcome for the proxy',
        })
        .addCallback((result) => {
          for (const { name, attempts } of states().slice(0, MAX_PROXIES))
            for (const [outcome, count] of Object.entries(attempts))
              result.observe(count, { [names.ATTR_PROXY]: name, [names.ATTR_OUTCOME]: outcome });
        });
    },
    watchQuotas: (states) => {
      meter
        .createObservableGauge(names.METRIC_UPSTREAM_QUOTA_REMAINING, {
          description: "Calls left of a provider's quota, as of the last call",
        })
        .addCallback((result) => {
          for (const { upstream, remaining } of states())
            result.observe(remaining, { [names.ATTR_UPSTREAM]: upstream });
        });
    },
    egressRefused: (reason) => refusals.add(1, { [names.ATTR_REASON]: reason }),
  };
};
