import type { Meter, MetricOptions } from '@opentelemetry/api';
import * as names from '../names.ts';
import type { Tally } from './tally.ts';

/** Metrics of routes, canaries and shadows. */
export interface ReleaseMetrics {
  /** Counts a call of an upstream with routes, or an attempt that a fallback received. */
  routed(upstream: string, subset: string, isFallback: boolean): void;
  canaryChanged(upstream: string, subset: string, to: string): void;
  /** Counts a copy of a read for another subset, and the paths of the fields that differ. */
  shadowed(upstream: string, outcome: string, paths: readonly string[]): void;
}

/** Creates them. `fieldPath` bounds the paths of an upstream. */
export const releaseMetrics = (
  { meter, counter }: { meter: Meter; counter(name: string, options: MetricOptions, ...labels: string[]): Tally },
  fieldPath: (upstream: string, path: string) => string,
): ReleaseMetrics => {
  const routed = counter(
    names.METRIC_UPSTREAM_ROUTED,
    { description: 'Calls by the subset that a route chose, and attempts that a fallback received' },
    names.ATTR_UPSTREAM,
    names.ATTR_SUBSET,
    names.ATTR_REASON,
  );
  const canaryChanges = meter.createCounter(names.METRIC_UPSTREAM_CANARY_CHANGES, {
    description: 'Changes of canaries',
  });
  const calls = meter.createCounter(names.METRIC_UPSTREAM_SHADOW_CALLS, { description: 'Copies of reads' });
  const differences = meter.createCounter(names.METRIC_UPSTREAM_SHADOW_DIFFERENCES, {
    description: 'Different fields in answers to copies of reads',
  });
  return {
    routed: (upstream, subset, isFallback) => routed.add(1, upstream, subset, isFallback ? 'fallback' : 'route'),
    canaryChanged: (upstream, subset, to) =>
      canaryChanges.add(1, {
        [names.ATTR_UPSTREAM]: upstream,
        [names.ATTR_SUBSET]: subset,
        [names.ATTR_STATE]: to,
      }),
    shadowed: (upstream, outcome, paths) => {
      calls.add(1, { [names.ATTR_UPSTREAM]: upstream, [names.ATTR_OUTCOME]: outcome });
      for (const path of paths)
        differences.add(1, {
          [names.ATTR_UPSTREAM]: upstream,
          [names.ATTR_FIELD_PATH]: fieldPath(upstream, path),
        });
    },
  };
};
