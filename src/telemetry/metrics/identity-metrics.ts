import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** The API keys in memory. */
export interface ApiKeysState {
  readonly keys: number;
  /** False while the store does not answer, or its file cannot be used. */
  readonly isUp: boolean;
}

/** Metrics of identity: API keys, and events of the audit log. */
export interface IdentityMetrics {
  /** Counts an event of the audit log, with or without a line. */
  audited(event: string, outcome: string): void;
  /** Counts a refused API key. */
  apiKeyRefused(reason: string): void;
  /** Exports the state of the API keys whenever metrics are read. */
  watchApiKeys(state: () => ApiKeysState): void;
}

export const identityMetrics = (meter: Meter): IdentityMetrics => {
  const events = meter.createCounter(names.METRIC_AUDIT_EVENTS, {
    description: 'Events of the audit log, with or without a line',
  });
  const refusals = meter.createCounter(names.METRIC_API_KEYS_REFUSALS, { description: 'Refused API keys' });
  return {
    audited: (event, outcome) => events.add(1, { [names.ATTR_EVENT]: event, [names.ATTR_OUTCOME]: outcome }),
    apiKeyRefused: (reason) => refusals.add(1, { [names.ATTR_REASON]: reason }),
    watchApiKeys: (state) => {
      meter
        .createObservableGauge(names.METRIC_API_KEYS_UP, {
          description: '1 if the store of API keys is in use as it is, otherwise 0',
        })
        .addCallback((result) => result.observe(state().isUp ? 1 : 0));
      meter
        .createObservableGauge(names.METRIC_API_KEYS_KNOWN, { description: 'API keys in memory' })
        .addCallback((result) => result.observe(state().keys));
    },
  };
};
