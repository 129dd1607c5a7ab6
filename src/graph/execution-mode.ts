import type { OperationDefinitionNode } from 'graphql';
import type { Difference } from './comparison.ts';

/**
 * Modes of execution.
 *
 * - `compiled`: as plans; by delegation if an operation cannot be planned
 * - `reference`: always by delegation
 * - `compare`: as `compiled`, and a share of the queries again by delegation, to count differences
 */
export type ExecutionMode = 'compiled' | 'reference' | 'compare';

/** Execution of one operation. */
export type Execution =
  | { readonly by: 'plan' }
  | { readonly by: 'reference' }
  /** By delegation, with the reason. */
  | { readonly by: 'fallback'; readonly reason: string };

export interface ExecutionReport {
  executed(execution: Execution): void;
  /** A plan and delegation returned different results for a query. */
  differed(what: Difference, operation: OperationDefinitionNode): void;
}
