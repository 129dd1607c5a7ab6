import { type ExecutionResult, GraphQLError, type GraphQLSchema, getVariableValues } from 'graphql';
import type { Backend } from '../backend/bind.ts';
import type { RequestContext } from '../backend/request-context.ts';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { CannotPlan } from '../execution/cannot-plan.ts';
import { executePlan } from '../execution/execute-plan.ts';
import type { Graph } from '../execution/graph.ts';
import { Plans } from '../execution/plans.ts';
import { untraced } from '../telemetry/open-trace.ts';
import { Budget } from './budget.ts';
import { Comparison } from './compare.ts';
import { delegate } from './delegate.ts';
import { ExecutionContext } from './execution-context.ts';
import type { ExecutionMode, ExecutionReport } from './execution-mode.ts';
import { namelessMessage } from './nameless-messages.ts';
import type { Operation, Run } from './operation.ts';
import { type DomainMessages, publicErrors } from './public-errors.ts';
import { rootCause } from './root-cause.ts';

export interface RunOptions {
  readonly graph: Graph;
  /** What delegation runs on. */
  readonly stitched: GraphQLSchema;
  readonly backends: ReadonlyMap<string, Backend>;
  readonly domain: DomainMessages;
  /** True if errors about input hold no names that only the schema has. */
  readonly hideNames: boolean;
  /** How many fields one execution may resolve, each counted in the graph and again in the module that gives it. */
  readonly maxFields: number;
  readonly clock: Clock;
  readonly mode: ExecutionMode;
  /** Whether a query may be run twice: not where that would count twice against a limit. */
  readonly isRepeatable: (operation: Operation) => boolean;
  /** How many rows are read at one place before code is made for it. Default 200. */
  readonly rowsBeforeCode?: number | undefined;
  /** Bound of the plans that are kept. */
  readonly planBytes: number;
  readonly report: ExecutionReport;
}

type Values = Readonly<Record<string, unknown>>;

/** An execution that was ended as a whole: nothing of it is told but why. */
const endedBy = (error: unknown): ExecutionResult => ({
  data: null,
  errors: [new GraphQLError('The execution was ended.', { originalError: rootCause(error) })],
});

/** What was done before the request's deadline and its client's leaving; null where either came first, and says nothing of the graph. */
const inTime = <Result>(
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

/** What graphql-js itself coerces at most, so that a list of wrong items costs no more than this. */
const MOST_COERCION_ERRORS = 50;

/** The error of a variable as a client gets it where introspection is off. Apollo knows graphql-js's own message only by its words. */
const nameless = (error: GraphQLError): GraphQLError =>
  new GraphQLError(namelessMessage(error), { nodes: error.nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } });

/**
 * Runs operations on the graph: by plans, and by delegation what cannot be planned.
 *
 * Wrong variables give errors and no `data`, which is what makes them a bad request and not an execution.
 */
export const runOn = (options: RunOptions): Run => {
  const { graph, stitched, backends, domain, hideNames, maxFields, clock, mode, isRepeatable, report } = options;
  const plans = new Plans(graph, options.rowsBeforeCode, options.planBytes);
  const comparison = new Comparison();

  const within = (request: RequestContext, execute: (context: ExecutionContext) => Promise<ExecutionResult>) =>
    new Promise<ExecutionResult>((resolve) => {
      const end = (error: unknown) => resolve(endedBy(error));
      const budget = new Budget(maxFields, request, clock, end);
      execute(new ExecutionContext(request, backends, budget)).then(resolve, end);
    });

  const byDelegation = (operation: Operation, coerced: Values, request: RequestContext) =>
    within(request, (context) => delegate(stitched, operation, coerced, context));

  const compared = (operation: Operation, coerced: Values, request: RequestContext, result: ExecutionResult): void => {
    if (operation.operation.operation !== 'query' || !isRepeatable(operation)) return;
    // Of no trace and no log line: the request has its answer.
    const again = () =>
      inTime(request, clock, () => byDelegation(operation, coerced, { ...request, trace: untraced() }));
    comparison.compare(result, again).then(
      (difference) => {
        if (difference !== null) report.differed(difference, operation.operation);
      },
      // An answer that JSON cannot hold; whoever sends the first one finds that out.
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
    const result = await within(request, (context) => executePlan(plan, context, { sent, coerced }));
    if (mode === 'compare') compared(operation, coerced, request, result);
    return result;
  };

  return async (operation, request) => {
    const { operation: node, variables } = operation;
    const { errors: refused, coerced } = getVariableValues(graph.schema, node.variableDefinitions ?? [], variables, {
      maxErrors: MOST_COERCION_ERRORS,
      hideSuggestions: hideNames,
    });
    if (refused !== undefined) return { errors: hideNames ? refused.map(nameless) : refused };
    if (node.operation === 'subscription')
      throw new GatewayError('BAD_REQUEST', 'Subscriptions are not supported: use a query or a mutation.');
    if (node.operation === 'query') request.memory?.mayEnd();
    const { data, errors } = await executed(operation, coerced, request);
    if (errors === undefined) return { data: data ?? null };
    // Only what is wrong with the request has no data.
    if (data === undefined) return { errors };
    return { data, errors: publicErrors(errors, domain, request.requestId, hideNames) };
  };
};
