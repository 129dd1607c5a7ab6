import type { Exchange } from '../exchange/exchange.ts';
import { RejectedError, rejection } from './rejection.ts';

const OTHER_HOST = rejection('BAD_REQUEST', 'The requested host is not served here.', { status: 421 });

/** Rejects a request for a host that is not public. @throws RejectedError 421 */
export const rejectOtherHost = ({ client }: Pick<Exchange, 'client'>): void => {
  if (client.host === null) throw new RejectedError(OTHER_HOST);
};
