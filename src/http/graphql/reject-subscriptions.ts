import { type DocumentNode, getOperationAST, parse } from 'graphql';
import type { GraphQLParams } from '../../graph/gateway-port.ts';
import { badRequest } from '../listener/rejection.ts';

// Far above the limit of the gateway. It only bounds the cost of a long document before the gateway rejects it.
const MAX_TOKENS = 15_000;

const parsed = (query: string): DocumentNode | null => {
  try {
    return parse(query, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch {
    return null;
  }
};

/**
 * Rejects a request that selects a subscription. Documents with syntax errors pass: the gateway reports
 * the error.
 *
 * @throws RejectedError 400
 */
export const rejectSubscriptions = ({ query, operationName }: GraphQLParams): void => {
  // perf: P13
  if (query === null || !query.includes('subscription')) return;
  const document = parsed(query);
  if (document !== null && getOperationAST(document, operationName || null)?.operation === 'subscription') {
    throw badRequest('Subscriptions are not supported: use a query or a mutation.');
  }
};
