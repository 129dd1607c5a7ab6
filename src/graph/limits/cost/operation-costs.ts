import { type ExecutionResult, GraphQLError } from 'graphql';
import { GatewayError } from '../../../core/errors.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { Operation, Run } from '../../operation.ts';
import { LARGEST_COST } from './cost-tree.ts';
import { realCost } from './real-cost.ts';
import { type OperationCost, roundedCost, type StaticCosts } from './static-costs.ts';
import { NO_USAGE, type UsageWeights, usageOf } from './usage-cost.ts';

/** The request header `tributary-cost: show` adds the cost to the response. */
const COST_HEADER = 'tributary-cost';

/** True if a request requires its cost, in `extensions.cost` of the response. */
export const requiresCost = (headers: RequestContext['headers']): boolean => headers[COST_HEADER] === 'show';

/** An operation above `MAX_COST`. */
export interface CostlyOperation {
  readonly operationName: string | null;
  /** SHA-256 of the document; null if it is not known. */
  readonly hash: string | null;
  readonly cost: number;
  readonly isRefused: boolean;
}

export interface CostLimit {
  /** Largest static cost of an operation; null for any. */
  readonly max: number | null;
  /** `enforce` refuses an operation above it, `measure` executes it. Both report it. */
  readonly mode: 'enforce' | 'measure';
  readonly report: (costly: CostlyOperation) => void;
}

const NO_LIMIT: CostLimit = { max: null, mode: 'enforce', report: () => {} };

export interface OperationCostsOptions {
  readonly costs: StaticCosts;
  /** Default: no limit. */
  readonly limit: CostLimit | undefined;
  /** Weights of calls and bytes in real costs. Default: 0. */
  readonly usage: UsageWeights | undefined;
  /** True if messages must contain no names that only the schema has. */
  readonly hideNames: boolean;
}

const reasonOf = ({ tree, total, unbounded }: OperationCost, hideNames: boolean): string => {
  if (unbounded !== null && tree !== null && hideNames) return 'is unbounded: a list has no argument for its size';
  if (unbounded !== null) return `is unbounded: ${unbounded}`;
  return total === LARGEST_COST ? 'is too large to count' : `is ${roundedCost(total)}`;
};

const refusal = (cost: OperationCost, max: number, hideNames: boolean): ExecutionResult => {
  const message = `The cost of the operation ${reasonOf(cost, hideNames)}. The limit is ${max}: request fewer items, or fewer fields.`;
  const details = { cost: roundedCost(cost.total), limit: max };
  const error = new GatewayError('COST_LIMIT', message, { details });
  // With its code, an error is no failure for the log.
  return { errors: [new GraphQLError(message, { originalError: error, extensions: { code: error.code } })] };
};

const costlyOperation = ({ operation }: Operation, { trace }: RequestContext, cost: number, isRefused: boolean) => ({
  operationName: operation.name?.value ?? null,
  hash: trace.record.operation?.hash ?? null,
  cost: roundedCost(cost),
  isRefused,
});

/**
 * Refuses operations above the limit, and counts what others cost. Nothing is computed for a request without a limit that
 * reads its cost, unless the client requires it.
 */
export const withOperationCosts =
  ({ costs, limit = NO_LIMIT, usage = NO_USAGE, hideNames }: OperationCostsOptions) =>
  (run: Run): Run => {
    const { max, mode, report } = limit;

    const ended = (cost: OperationCost, result: ExecutionResult, request: RequestContext): ExecutionResult => {
      const used = usageOf(usage, request.trace.record, result);
      const spent = Math.min(realCost(cost, result) + used.cost, LARGEST_COST);
      const shown = { static: roundedCost(cost.total), actual: roundedCost(spent), ...used.counted };
      request.trace.record.cost = shown;
      request.limits?.spent(spent);
      return requiresCost(request.headers) ? { ...result, extensions: { ...result.extensions, cost: shown } } : result;
    };

    const counted: Run = async (operation, request) => {
      const cost = costs.of(operation);
      if (max === null || cost.total <= max) return ended(cost, await run(operation, request), request);
      const isRefused = mode === 'enforce';
      request.trace.record.limited('MAX_COST', mode);
      report(costlyOperation(operation, request, cost.total, isRefused));
      return ended(cost, isRefused ? refusal(cost, max, hideNames) : await run(operation, request), request);
    };

    return (operation, request) =>
      max === null && !requiresCost(request.headers) && costs.known(operation) === undefined
        ? run(operation, request)
        : counted(operation, request);
  };
