import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** The limit that refused: of a client for the whole endpoint, a rule of `LIMITS`, of a field,
 * of the memory in flight, or of the load. */
export type LimitKind = 'client' | 'rule' | 'field' | 'memory' | 'overload';

/** Metrics of what the gateway does not execute. */
export interface LimitMetrics {
  refused(limit: LimitKind): void;
  /** Counts a request above a rule: one that was refused, or that a measured rule would refuse. */
  limited(rule: string, mode: 'enforce' | 'measure'): void;
  /** Counts a request that meets a rule of `REQUEST_RULES`. */
  ruled(rule: string, action: string): void;
  /** Counts a document that is in no manifest of its client. */
  untrustedDocument(outcome: 'refused' | 'executed'): void;
}

export const limitMetrics = (meter: Meter): LimitMetrics => {
  const refusals = meter.createCounter(names.METRIC_LIMIT_REFUSALS, {
    description: 'Requests and fields over a limit',
  });
  const untrusted = meter.createCounter(names.METRIC_UNTRUSTED_DOCUMENTS, {
    description: 'Documents that are not trusted',
  });
  const limited = meter.createCounter(names.METRIC_LIMITED_REQUESTS, {
    description: 'Requests above a limit, by rule; those above a measured rule were not refused',
  });
  const ruled = meter.createCounter(names.METRIC_RULED_REQUESTS, {
    description: 'Requests that meet a rule of REQUEST_RULES, by rule and action',
  });
  return {
    ruled: (rule, action) => ruled.add(1, { [names.ATTR_RULE]: rule, [names.ATTR_ACTION]: action }),
    limited: (rule, mode) => limited.add(1, { [names.ATTR_RULE]: rule, [names.ATTR_MODE]: mode }),
    refused: (limit) => refusals.add(1, { [names.ATTR_LIMIT]: limit }),
    untrustedDocument: (outcome) => untrusted.add(1, { [names.ATTR_OUTCOME]: outcome }),
  };
};
