import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** Metrics of identity: events of the audit log. */
export interface IdentityMetrics {
  /** Counts an event of the audit log, with or without a line. */
  audited(event: string, outcome: string): void;
}

export const identityMetrics = (meter: Meter): IdentityMetrics => {
  const events = meter.createCounter(names.METRIC_AUDIT_EVENTS, {
    description: 'Events of the audit log, with or without a line',
  });
  return {
    audited: (event, outcome) => events.add(1, { [names.ATTR_EVENT]: event, [names.ATTR_OUTCOME]: outcome }),
  };
};
