import { type ErrorCode, UpstreamError } from '../../core/errors.ts';
import type { Call, Layer } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import type { RetryBudget } from '../retry/budget.ts';
import { isBodyConsumed } from '../retry/is-retryable.ts';
import { NoTokenError } from './access-tokens.ts';
import { type CallCredentials, type Issued, withCredentials } from './call-credentials.ts';
import { NoSubjectError, RefusedSubjectError } from './caller-tokens.ts';

const UNAUTHORIZED = 401;
const GRPC_UNAUTHENTICATED = 16;

const isUnauthenticated = ({ message }: Call, error: unknown): boolean =>
  error instanceof UpstreamError &&
  error.status === (message.protocol === 'rest' ? UNAUTHORIZED : GRPC_UNAUTHENTICATED);

/** The code for a call without credentials; null for an error of another kind. */
const codeOf = (error: unknown): ErrorCode | null => {
  if (error instanceof NoTokenError) return 'SERVICE_UNAVAILABLE';
  if (error instanceof RefusedSubjectError) return 'FORBIDDEN';
  if (error instanceof NoSubjectError) return error.isAnonymous ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  return null;
};

/**
 * Adds the gateway's own headers and credentials to each attempt. A call waits here for an access token, until its
 * deadline at most.
 *
 * After a 401, or gRPC's UNAUTHENTICATED, the credentials are renewed. If they have changed, an idempotent call is sent
 * once more, from the budget of further attempts. If that is refused, too, its error is thrown.
 *
 * @throws UpstreamError, never retried: SERVICE_UNAVAILABLE without an access token; UNAUTHENTICATED for an anonymous
 * caller, and FORBIDDEN for another one, that no token is issued for
 */
export const credentials = (
  own: CallCredentials | null,
  budget: RetryBudget,
  { report, overrides }: Pick<LayerDependencies, 'report' | 'overrides'>,
): Layer => {
  if (own === null) return (next) => next;

  const issued = async (call: Call): Promise<Issued> => {
    try {
      return await own.issue(call);
    } catch (error) {
      const code = codeOf(error);
      if (code === null || !(error instanceof Error)) throw error;
      // Not retried: the token request has its own schedule of attempts.
      throw new UpstreamError(code, call, error.message, { cause: error, noRetry: true });
    }
  };

  /** True if another attempt has other credentials. A renewal for a write is for later calls: nothing waits for it. */
  const isRenewed = async (call: Call, refused: Issued): Promise<boolean> => {
    const renewal = own.renew(refused, call);
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
