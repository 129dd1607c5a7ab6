import type { LimitedRequest } from '../../rate-limit/rules/limited-request.ts';
import type { OpenSpan } from '../../telemetry/request-trace.ts';
import type { OperationRules } from '../client/operation-rules.ts';

/** One operation of a batch of operations. */
export interface BatchedOperation {
  /** Request id of the operation: that of the request, and the number of the operation from 1, as in `4f0c.2`. */
  readonly id: string;
  /** The span of the request, with the record of the operation. */
  readonly trace: OpenSpan;
  /** Limits of the operation; null without limits. */
  readonly limits: LimitedRequest | null;
  /** Rules of requests that read the operation; null for none. */
  readonly rules: OperationRules | null;
  /** HTTP status that the operation would have as a request of its own; null before its result. */
  status: number | null;
}
