import { type DocumentNode, getOperationAST, parse } from 'graphql';
import type { GraphQLParams } from './graphql-params.ts';
import { badRequest } from './refusal.ts';

// Far above what the gateway lets pass; it only bounds what a long document costs before the gateway refuses it.
const MAX_TOKENS = 15_000;

const parsed = (query: string): DocumentNode | null => {
  try {
    return parse(query, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch {
    return null;
  }
};

/**
 * Refuses the operation that would be executed if it is a subscription. Documents that do not parse pass: their error is
 * reported by whoever executes them.
 *
 * @throws RefusedError 400
 */
export const refuseSubscriptions = ({ query, operationName }: GraphQLParams): void => {
  // A second parse of every document would be paid by everybody; few contain the word.
  if (query === null || !query.includes('subscription')) return;
  const document = parsed(query);
  if (document !== null && getOperationAST(document, operationName)?.operation === 'subscription') {
    throw badRequest('Subscriptions are not supported here: send a query or a mutation.');
  }
};
