import type { GraphQLParams } from '../../../graph/gateway-port.ts';
import { badRequest, RejectedError } from '../../listener/rejection.ts';
import { rejectSubscriptions } from '../reject-subscriptions.ts';
import { paramsOfBody } from '../request-params.ts';

const paramsOf = (entry: unknown, index: number): GraphQLParams => {
  try {
    if (Array.isArray(entry)) throw badRequest('A batch must not contain another one.');
    const params = paramsOfBody(entry);
    rejectSubscriptions(params);
    return params;
  } catch (error) {
    if (error instanceof RejectedError) throw badRequest(`Operation ${index + 1} of the batch: ${error.message}`);
    throw error;
  }
};

/**
 * Reads the parameters of a batch of operations. Its length is checked first: nothing is read of a batch with more than
 * `maxOperations`. One entry that cannot be read rejects the whole batch.
 *
 * @throws RejectedError 400
 */
export const paramsOfBatch = (entries: readonly unknown[], maxOperations: number): readonly GraphQLParams[] => {
  if (maxOperations === 0) throw badRequest('Batches of operations are not supported: send one operation per request.');
  if (entries.length === 0) throw badRequest('The batch has no operations.');
  if (entries.length > maxOperations)
    throw badRequest(
      `The batch has ${entries.length} operations. The limit is ${maxOperations}: send several requests.`,
    );
  return entries.map(paramsOf);
};
