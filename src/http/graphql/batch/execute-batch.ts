import type { Clock } from '../../../core/clock.ts';
import { ClientGoneError, GatewayError } from '../../../core/errors.ts';
import type { GatewayPort, GraphQLParams, GraphQLResult } from '../../../graph/gateway-port.ts';
import type { RequestContext, RequestMemory } from '../../../request/request-context.ts';
import type { BatchedOperation } from '../../exchange/batched-operation.ts';
import { countedOperation } from '../../limits/exchange-limits.ts';
import { RejectedError, type Rejection, rejection, rejectionBody } from '../../listener/rejection.ts';
import { withDeadline } from '../open-request-context.ts';
import { responseText, tooLongResult } from '../response-text.ts';
import { noteRefusal, validStatus } from '../result-status.ts';
import type { OperationAnswer } from './batch-answer.ts';
import { memoryOfOperations, operationContext } from './open-batch.ts';

/** Operations of one batch that are executed at one time. */
const MAX_AT_ONCE = 5;

export interface BatchRun {
  readonly gateway: GatewayPort;
  readonly clock: Clock;
  /** The context of the request. */
  readonly context: RequestContext;
  readonly memory: RequestMemory;
  /** Maximum bytes of the texts of all results together. */
  readonly maxResponseBytes: number;
}

/** An operation of a batch with its parameters. */
type Entry = readonly [BatchedOperation, GraphQLParams];

/** Refuses an operation of a caller that is known to be above a limit, and counts one whose rules do not read the operation. */
const countFirst = async (operation: BatchedOperation, { limits: byOperation }: RequestContext): Promise<void> => {
  const { limits } = operation;
  if (limits === null) return;
  const isAbove = !limits.isCounted && limits.refusedBefore() !== null;
  if (isAbove || byOperation === undefined) await countedOperation(operation);
};

/** Executes the operations of one batch. */
class BatchExecution {
  readonly #run: BatchRun;
  readonly #memory: () => RequestMemory;
  #bytesLeft: number;

  constructor(run: BatchRun, count: number) {
    this.#run = run;
    this.#memory = memoryOfOperations(run.memory, count);
    this.#bytesLeft = run.maxResponseBytes;
  }

  /** Returns the answer to an operation. Rejects with a ClientGoneError. */
  async answerTo([operation, params]: Entry): Promise<OperationAnswer> {
    const answer = await this.#answered(operation, params);
    operation.status = answer.status;
    return answer;
  }

  async #answered(operation: BatchedOperation, params: GraphQLParams): Promise<OperationAnswer> {
    const memory = this.#memory();
    try {
      const result = await this.#executed(operation, params, memory);
      // Without data nothing was executed.
      if (result.data === undefined) memory.mayEnd();
      return this.#answerOf(operation, result);
    } catch (error) {
      if (error instanceof GatewayError) return this.#rejected(operation, rejection(error.code, error.message));
      if (!(error instanceof RejectedError)) throw error;
      // A limit or a rule refused it: nothing was executed.
      memory.mayEnd();
      return this.#rejected(operation, error.rejection);
    }
  }

  /** @throws RejectedError, or the reason of the signal */
  async #executed(operation: BatchedOperation, params: GraphQLParams, memory: RequestMemory): Promise<GraphQLResult> {
    const { gateway, clock, context } = this.#run;
    const { signal } = context;
    signal.throwIfAborted();
    await countFirst(operation, context);
    const outcome = await withDeadline(
      gateway.execute(params, operationContext(context, operation, memory)),
      signal,
      clock,
    );
    if (outcome.is !== 'answered') throw signal.reason;
    // A request without an operation counts, too.
    await countedOperation(operation);
    operation.rules?.check();
    return outcome.answer;
  }

  #answerOf(operation: BatchedOperation, result: GraphQLResult): OperationAnswer {
    const { record } = operation.trace;
    const status = validStatus(result.status);
    const text = responseText(result);
    const bytes = Buffer.byteLength(text);
    const { maxResponseBytes } = this.#run;
    if (bytes > this.#bytesLeft && result.data !== undefined) {
      record.failed('COST_LIMIT');
      const short = tooLongResult(result, maxResponseBytes, operation.id);
      return { status: 200, text: responseText(short), headers: short.headers };
    }
    this.#bytesLeft -= bytes;
    noteRefusal(record, status, result.errors);
    return { status, text, headers: result.headers };
  }

  #rejected({ id, trace: { record } }: BatchedOperation, rejected: Rejection): OperationAnswer {
    // The error of an operation that a limit or a rule refused was counted with its result.
    if (!record.errorCodes.includes(rejected.code)) record.failed(rejected.code);
    const { status, headers } = rejected;
    return { status, text: rejectionBody(rejected, id), headers: new Map(Object.entries(headers)) };
  }
}

/**
 * Executes the operations of a batch, a few at one time, and returns their answers in the order of the batch; null if the
 * client has disconnected. Operations that have not begun at the deadline are refused with TIMEOUT.
 */
export const executeBatch = async (
  batch: readonly BatchedOperation[],
  params: readonly GraphQLParams[],
  run: BatchRun,
): Promise<readonly OperationAnswer[] | null> => {
  const execution = new BatchExecution(run, batch.length);
  const answers: OperationAnswer[] = [];
  const entries = batch.flatMap((operation, index): readonly Entry[] => {
    const own = params[index];
    return own === undefined ? [] : [[operation, own]];
  });
  let next = 0;
  const work = async (): Promise<void> => {
    for (let entry = entries[next]; entry !== undefined; entry = entries[next]) {
      const index = next;
      next += 1;
      answers[index] = await execution.answerTo(entry);
    }
  };
  try {
    await Promise.all(Array.from({ length: MAX_AT_ONCE }, work));
    return answers;
  } catch (error) {
    // No further operation begins.
    next = entries.length;
    if (error instanceof ClientGoneError) return null;
    throw error;
  }
};
