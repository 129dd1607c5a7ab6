import type { ExecutionReport } from './gateway/execution-mode.ts';
import type { Log } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';

/** Counts what does not run by a plan, and tells of queries that were answered in two ways. */
export const reportExecution = (metrics: Metrics, log: Log): ExecutionReport => ({
  executed: (execution) => {
    if (execution.by === 'fallback') metrics.fellBack(execution.reason);
  },
  differed: (what, { name }) => {
    metrics.differed(what);
    log.warn('A plan and delegation gave different answers.', { what, operation: name?.value ?? null });
  },
});
