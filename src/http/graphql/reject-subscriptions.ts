import type { GraphQLParams } from '../../graph/gateway-port.ts';
import { SUBSCRIPTION, selectsSubscription } from '../../graph/limits/subscriptions.ts';
import { badRequest } from '../listener/rejection.ts';

/**
 * Rejects a request that selects a subscription.
 *
 * @throws RejectedError 400
 */
export const rejectSubscriptions = ({ query, operationName }: GraphQLParams): void => {
  if (query !== null && selectsSubscription(query, operationName)) throw badRequest(SUBSCRIPTION);
};
