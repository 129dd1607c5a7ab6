import type { Clock } from '../../../core/clock.ts';
import type { RequestContext, RequestMemory } from '../../../request/request-context.ts';
import type { BatchedOperation } from '../../exchange/batched-operation.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { siblingLimits } from '../../limits/exchange-limits.ts';

/** Longest request id without the number of an operation: ids have 128 characters at most. */
const MAX_ID_LENGTH = 124;

const opened = (exchange: Exchange, index: number, clock: Clock): BatchedOperation => {
  const trace = exchange.trace.part(clock);
  const operation: BatchedOperation = {
    id: `${exchange.id.slice(0, MAX_ID_LENGTH)}.${index + 1}`,
    trace,
    limits: index === 0 ? exchange.limits : siblingLimits(exchange, { trace }, () => operation.status),
    rules: exchange.rules?.sibling(trace.record) ?? null,
    status: null,
  };
  return operation;
};

/** Opens the operations of a batch, before any of them is counted with its operation. */
export const openBatch = (exchange: Exchange, count: number, clock: Clock): readonly BatchedOperation[] => {
  const batch = Array.from({ length: count }, (_, index) => opened(exchange, index, clock));
  exchange.batch = batch;
  return batch;
};

/** The context of an operation: that of the request with what belongs to the operation alone. */
export const operationContext = (
  request: RequestContext,
  { id, trace, limits, rules }: BatchedOperation,
  memory: RequestMemory,
): RequestContext => ({
  ...request,
  requestId: id,
  trace,
  memory,
  // Without these the request was counted before its body was read, and so is each operation before its execution.
  ...(request.limits !== undefined && limits !== null && { limits }),
  ...(rules !== null && { rules }),
});

/** The memory of a request for each of its operations. The request may be ended once all of them are queries that have begun. */
export const memoryOfOperations = (memory: RequestMemory, count: number): (() => RequestMemory) => {
  let others = count;
  return () => {
    let mayEnd = false;
    return {
      grow: (bytes) => memory.grow(bytes),
      mayEnd: () => {
        if (mayEnd) return;
        mayEnd = true;
        others -= 1;
        if (others === 0) memory.mayEnd();
      },
    };
  };
};
