import type { ExecutionReport } from './gateway/execution-mode.ts';
import type { Log } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';

/** Counts executions without a plan, and logs queries with two different answers. */
export const reportExecution = (metrics: Metrics, log: Log): ExecutionReport => ({
  executed: (execution) => {
    if (execution.by === 'fallback') metrics.fellBack(execution.reason);
  },
  differed: (what, { name }) => {
    metrics.differed(what);
    log.warn('Plan and delegation returned different answers.', { what, operation: name?.value ?? null });
  },
});
