import { UpstreamError } from '../../core/errors.ts';
import type { Call, Layer } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import type { RetryBudget } from '../retry/budget.ts';
import { isBodyConsumed } from '../retry/is-retryable.ts';
import { NoTokenError } from './access-tokens.ts';
import { type CallCredentials, type Issued, withCredentials } from './call-credentials.ts';

const UNAUTHORIZED = 401;
const GRPC_UNAUTHENTICATED = 16;

const isUnauthenticated = ({ message }: Call, error: unknown): boolean =>
  error instanceof UpstreamError &&
  error.status === (message.protocol === 'rest' ? UNAUTHORIZED : GRPC_UNAUTHENTICATED);

/**
 * Adds the gateway's own headers and credentials to each attempt. A call waits here for an access token, until its
 * deadline at most.
 *
 * After a 401, or gRPC's UNAUTHENTICATED, the credentials are renewed. If they have changed, an idempotent call is sent
 * once more, from the budget of further attempts. If that is refused, too, its error is thrown.
 *
 * @throws UpstreamError SERVICE_UNAVAILABLE, never retried, without an access token
 */
export const credentials = (
  own: CallCredentials | null,
  budget: RetryBudget,
  { report, overrides }: Pick<LayerDependencies, 'report' | 'overrides'>,
): Layer => {
  if (own === null) return (next) => next;

  const issued = async (call: Call): Promise<Issued> => {
    try {
      return await own.issue(call.signal);
    } catch (error) {
      if (!(error instanceof NoTokenError)) throw error;
      // Not retried: the token request has its own schedule of attempts.
      throw new UpstreamError('SERVICE_UNAVAILABLE', call, error.message, { cause: error, noRetry: true });
    }
  };

  /** True if another attempt has other credentials. A renewal for a write is for later calls: nothing waits for it. */
  const isRenewed = async (call: Call, refused: Issued): Promise<boolean> => {
    const renewal = own.renew(refused, call.signal);
    if (call.idempotent && !isBodyConsumed(call)) return await renewal;
    renewal.catch(() => {});
    return false;
  };

  return (next) => async (call) => {
    const first = await issued(call);
    try {
      return await next(withCredentials(call, first));
    } catch (error) {
      if (!isUnauthenticated(call, error) || call.signal.aborted || !(await isRenewed(call, first))) throw error;
      if (!overrides.retries() || !budget.take()) throw error;
    }
    report({ is: 'retry', route: call.route, reason: 'UNAUTHENTICATED' });
    return next(withCredentials({ ...call, attempt: call.attempt + 1 }, await issued(call)));
  };
};
