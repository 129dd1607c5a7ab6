import { type DocumentNode, getOperationAST, parse } from 'graphql';

/** Message for a client that selects a subscription. */
export const SUBSCRIPTION = 'Subscriptions are not supported: use a query or a mutation.';

// Far above the limit of the gateway. It only bounds the cost of a long document before the gateway rejects it.
const MAX_TOKENS = 15_000;

const parsed = (query: string): DocumentNode | null => {
  try {
    return parse(query, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch {
    return null;
  }
};

/** True if a request selects a subscription. False for a document with syntax errors: the gateway reports them. */
export const selectsSubscription = (query: string, operationName: string | null): boolean => {
  // perf: P13
  if (!query.includes('subscription')) return false;
  const document = parsed(query);
  return document !== null && getOperationAST(document, operationName || null)?.operation === 'subscription';
};
