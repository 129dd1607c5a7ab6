import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { RequestContext } from '../backend/request-context.ts';

/** An operation that was validated and chosen, with the variables as the client sent them. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Runs one operation for one request. Its errors are ready for the client, each with the original as `originalError`. */
export type Run = (operation: Operation, request: RequestContext) => Promise<ExecutionResult>;
