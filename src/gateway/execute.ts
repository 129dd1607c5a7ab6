import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import type { Backend } from '../backend/bind.ts';
import type { RequestContext } from '../backend/request-context.ts';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { Budget } from './budget.ts';
import { withoutConditions } from './conditions.ts';
import { ExecutionContext } from './execution-context.ts';
import { type DomainMessages, publicError } from './public-errors.ts';
import { rootCause } from './root-cause.ts';
import { withoutThen, withThen } from './then-fields.ts';

/** An operation that was validated and chosen, with the variables as the client sent them. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Runs one operation for one request. Its errors are ready for the client, each with the original as `originalError`. */
export type Run = (operation: Operation, request: RequestContext) => Promise<ExecutionResult>;

export interface Graph {
  readonly schema: GraphQLSchema;
  readonly backends: ReadonlyMap<string, Backend>;
  readonly domain: DomainMessages;
  /** Whether an error about a variable keeps to itself which names may have been meant. */
  readonly hideSuggestions: boolean;
  /** How many fields one execution may resolve, each counted in the graph and again in the module that gives it. */
  readonly maxFields: number;
  readonly clock: Clock;
}

/** An execution that was ended as a whole: nothing of it is told but why. */
const endedBy = (error: unknown): ExecutionResult => ({
  data: null,
  errors: [new GraphQLError('The execution was ended.', { originalError: rootCause(error) })],
});

/** The document with its conditions decided, or what is wrong with one: a variable for `if` that is null, say. */
const decide = (document: DocumentNode, variables: Readonly<Record<string, unknown>>): DocumentNode | GraphQLError => {
  try {
    return withoutConditions(document, variables);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } });
  }
};

/** What graphql-js itself coerces at most, so that a list of wrong items costs no more than this. */
const MOST_COERCION_ERRORS = 50;

/**
 * Runs operations on the stitched schema.
 *
 * Wrong variables give errors and no `data`, which is what makes them a bad request and not an execution.
 */
export const runOn = ({ schema, backends, domain, hideSuggestions, maxFields, clock }: Graph): Run => {
  return async ({ document, operation, variables }, request) => {
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
      maxErrors: MOST_COERCION_ERRORS,
      hideSuggestions,
    });
    if (coerced.errors !== undefined) return { errors: coerced.errors };
    if (operation.operation === 'subscription')
      throw new GatewayError('BAD_REQUEST', 'Subscriptions are not supported: use a query or a mutation.');
    const decided = decide(document, coerced.coerced);
    if (decided instanceof GraphQLError) return { errors: [decided] };
    const renamed = withoutThen(decided);
    const budget = new Budget(maxFields, request.deadline, clock);
    const execution = execute({
      schema,
      document: renamed ?? decided,
      operationName: operation.name?.value ?? null,
      variableValues: variables,
      contextValue: new ExecutionContext(request, backends, budget),
    });
    const result = await Promise.race([execution, budget.spent]).catch(endedBy);
    const { data, errors } = renamed === null ? result : withThen(result);
    if (errors === undefined) return { data: data ?? null };
    const visible = errors.map((error: GraphQLError) => publicError(error, domain, request.requestId));
    return { data: data ?? null, errors: visible };
  };
};
