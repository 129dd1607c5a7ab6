import type { OperationDefinitionNode } from 'graphql';
import type { Difference } from './compare.ts';

/**
 * How operations are run: `compiled` by plans, what cannot be planned by delegation; `reference` all by delegation; `compare` as
 * `compiled`, and a share of the queries a second time by delegation, to count where the two differ.
 */
export type ExecutionMode = 'compiled' | 'reference' | 'compare';

/** How one operation was run. */
export type Execution =
  | { readonly by: 'plan' }
  | { readonly by: 'reference' }
  /** By delegation, for this reason. */
  | { readonly by: 'fallback'; readonly reason: string };

export interface ExecutionReport {
  executed(execution: Execution): void;
  /** A plan and delegation answered a query in two ways. */
  differed(what: Difference, operation: OperationDefinitionNode): void;
}
