import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { RequestContext } from '../request/request-context.ts';

/** A validated and chosen operation, with the variables as sent by the client. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Runs one operation for one request. Its errors are ready for the client, each with the original as `originalError`. */
export type Run = (operation: Operation, request: RequestContext) => Promise<ExecutionResult>;
