import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Backend } from '../backend/bind/bind.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Graph } from '../execution/graph.ts';
import { CannotPlan } from '../execution/plan/cannot-plan.ts';
import { PlanCache } from '../execution/plan/plan-cache.ts';
import { executePlan } from '../execution/run/execute-plan.ts';
import type { RequestContext } from '../request/request-context.ts';
import { untraced } from '../telemetry/open-trace.ts';
import { namelessMessage } from './apollo/nameless-messages.ts';
import { type DomainMessages, publicErrors } from './apollo/public-errors.ts';
import { rootCause } from './apollo/root-cause.ts';
import { coercedVariables } from './coerced-variables.ts';
import { Comparison } from './comparison.ts';
import type { SchemaOf } from './compose/introspection.ts';
import type { InvalidInputs } from './directives/constraints/operation-inputs.ts';
import { ExecutionContext } from './execution-context.ts';
import type { ExecutionMode, ExecutionReport } from './execution-mode.ts';
import { ExecutionBudget } from './limits/execution-budget.ts';
import { introspectedFields } from './limits/introspected-fields.ts';
import { listedErrors } from './limits/listed-errors.ts';
import { DEFAULT_MAX_RESPONSE_BYTES, hasLongerJson, tooLongMessage } from './limits/response-size.ts';
import type { Operation, Run } from './operation.ts';
import { operationFacts } from './operation-facts.ts';
import { withCallerIntrospection } from './stitching/caller-introspection.ts';
import { delegate } from './stitching/delegate.ts';

export interface ExecuteOptions {
  readonly graph: Graph;
  /** The schema for delegation. */
  readonly stitched: GraphQLSchema;
  readonly backends: ReadonlyMap<string, Backend>;
  readonly domain: DomainMessages;
  /** True if errors about input must contain no names that only the schema has. */
  readonly hideNames: boolean;
  /**
   * Maximum number of fields that one execution may resolve. Delegation counts each field twice: in the graph and in
   * its module.
   */
  readonly maxFields: number;
  /** Maximum number of errors in a response. */
  readonly maxErrors: number;
  /** Maximum bytes of the text of a response. Default: 32 MiB. */
  readonly maxResponseBytes?: number | undefined;
  readonly clock: Clock;
  readonly mode: ExecutionMode;
  /** True if a query may run twice. False if a second run would count against a rate limit. */
  readonly isRepeatable: (operation: Operation) => boolean;
  /** Rows of one selection before code is generated for it. Default: 200. */
  readonly rowsBeforeCode?: number | undefined;
  /** Limit of the plan cache, in bytes. */
  readonly planBytes: number;
  /** The schema that introspection shows to a caller, for delegation; null for the whole schema. */
  readonly shownTo: SchemaOf | null;
  /** Names of the fields with arguments that have requirements. */
  readonly guardedArguments: ReadonlySet<string>;
  /** Returns the errors of arguments that break the rules of `@constraint`. */
  readonly invalidInputs: InvalidInputs;
  readonly report: ExecutionReport;
}

type Values = Readonly<Record<string, unknown>>;

/** The result of an aborted execution: no data, one error. */
const stoppedBy = (error: unknown): ExecutionResult => ({
  data: null,
  errors: [new GraphQLError('The execution was stopped.', { originalError: rootCause(error) })],
});

/** Runs `work`; null if the deadline passes or the client disconnects first. */
const beforeDeadline = <Result>(
  { deadline, signal }: RequestContext,
  clock: Clock,
  work: () => Promise<Result>,
): Promise<Result | null> =>
  new Promise((resolve, reject) => {
    const timer = clock.after(deadline - clock.now(), () => resolve(null));
    work()
      .then((result) => resolve(signal.aborted ? null : result), reject)
      .finally(() => timer.cancel());
  });

/** Maximum number of coercion errors, as in graphql-js: a list of invalid items costs no more than this. */
const MAX_COERCION_ERRORS = 50;

/** The error of a variable. Without introspection, its message contains no names that only the schema has. */
const invalidVariable = (error: GraphQLError, hideNames: boolean): GraphQLError =>
  new GraphQLError(hideNames ? namelessMessage(error) : error.message, {
    nodes: error.nodes ?? null,
    originalError: hideNames ? null : (error.originalError ?? error),
    extensions: { code: 'BAD_USER_INPUT' },
  });

type ResponseLimits = Pick<ExecuteOptions, 'maxErrors' | 'maxResponseBytes'>;

/** True if the text of a response would be too long. An alias is in each row, and in the path of each error below it. */
const isTooLong = (
  { data, errors }: ExecutionResult,
  { maxErrors, maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES }: ResponseLimits,
): boolean => {
  const paths = errors?.slice(0, maxErrors).map(({ path }) => path ?? []);
  return hasLongerJson({ data, paths }, maxResponseBytes);
};

const tooLong = ({ maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES }: ResponseLimits): GatewayError =>
  new GatewayError('COST_LIMIT', tooLongMessage(maxResponseBytes));

/**
 * Runs operations on the graph: as plans, or by delegation if an operation cannot be planned.
 *
 * Invalid variables, and arguments that break a rule, yield errors without `data`, which makes the response a bad request.
 */
export const executeOperation = (options: ExecuteOptions): Run => {
  const { graph, stitched, backends, domain, hideNames, maxFields, maxErrors, clock, mode, isRepeatable, report } =
    options;
  const { guardedArguments, invalidInputs, shownTo } = options;
  const plans = new PlanCache(graph, options.rowsBeforeCode, options.planBytes);
  const comparison = new Comparison();

  const within = (
    operation: Operation,
    coerced: Values,
    request: RequestContext,
    execute: (context: ExecutionContext) => Promise<ExecutionResult>,
  ) =>
    new Promise<ExecutionResult>((resolve) => {
      const end = (error: unknown) => resolve(stoppedBy(error));
      const budget = new ExecutionBudget(maxFields, request, clock, end);
      const shown = () => shownTo?.(request.principal) ?? graph.schema;
      const introspected = introspectedFields(shown, operation, coerced, maxFields);
      if (introspected > 0 && budget.take(introspected) !== null) return;
      execute(new ExecutionContext(request, backends, budget, clock, operationFacts(operation))).then(resolve, end);
    });

  const byDelegation = (operation: Operation, coerced: Values, request: RequestContext) =>
    within(operation, coerced, request, (context) => {
      const run = (part: Operation) => delegate(stitched, part, coerced, context, guardedArguments);
      if (shownTo === null) return run(operation);
      return withCallerIntrospection(operation, coerced, graph.schema, shownTo(request.principal), run);
    });

  const compared = (operation: Operation, coerced: Values, request: RequestContext, result: ExecutionResult): void => {
    if (operation.operation.operation !== 'query' || !isRepeatable(operation)) return;
    // Without trace and log line: the response is already complete.
    const again = () =>
      beforeDeadline(request, clock, () => byDelegation(operation, coerced, { ...request, trace: untraced() }));
    comparison.compare(result, again).then(
      (difference) => {
        if (difference !== null) report.differed(difference, operation.operation);
      },
      // A response that cannot be serialized. Sending the first response reports that.
      () => {},
    );
  };

  const executed = async (operation: Operation, coerced: Values, request: RequestContext): Promise<ExecutionResult> => {
    const plan = mode === 'reference' ? null : plans.planOf(operation.document, operation.operation, coerced);
    if (plan === null || plan instanceof CannotPlan) {
      report.executed(plan === null ? { by: 'reference' } : { by: 'fallback', reason: plan.reason });
      return byDelegation(operation, coerced, request);
    }
    report.executed({ by: 'plan' });
    const sent = operation.variables;
    const result = await within(operation, coerced, request, (context) =>
      executePlan(plan, context, { sent, coerced }),
    );
    if (mode === 'compare') compared(operation, coerced, request, result);
    return result;
  };

  return async (operation, request) => {
    const { operation: node } = operation;
    const { errors: refused, coerced } = coercedVariables(graph.schema, operation, {
      maxErrors: MAX_COERCION_ERRORS,
      hideSuggestions: hideNames,
    });
    if (refused !== undefined) return { errors: refused.map((error) => invalidVariable(error, hideNames)) };
    const invalid = invalidInputs(operation, coerced);
    if (invalid.length > 0) return { errors: invalid };
    if (node.operation === 'subscription')
      throw new GatewayError('BAD_REQUEST', 'Subscriptions are not supported: use a query or a mutation.');
    if (node.operation === 'query') request.memory?.mayEnd();
    const result = await executed(operation, coerced, request);
    const { data, errors } = isTooLong(result, options) ? stoppedBy(tooLong(options)) : result;
    if (errors === undefined) return { data: data ?? null };
    // Only an invalid request has no `data`.
    if (data === undefined) return { errors };
    return { data, errors: publicErrors(listedErrors(errors, maxErrors), domain, request.requestId, hideNames) };
  };
};
