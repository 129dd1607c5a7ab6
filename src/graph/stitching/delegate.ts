import { type DocumentNode, type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import type { ExecutionContext } from '../execution-context.ts';
import type { Operation } from '../operation.ts';
import { withoutConditions } from './inline-conditions.ts';
import { withInputErrors } from './input-errors.ts';
import { withKeptSelections } from './kept-selections.ts';
import { markFields } from './marked-fields.ts';
import { withoutThen, withThen } from './rename-then.ts';

/**
 * Evaluates the conditions of a document. Returns an error for an invalid condition, such as a null variable for `if`.
 */
const decide = (document: DocumentNode, variables: Readonly<Record<string, unknown>>): DocumentNode | GraphQLError => {
  try {
    return withoutConditions(document, variables);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } });
  }
};

/**
 * Runs an operation by delegation over the stitched schema. It supports every operation, at many times the cost of a
 * plan. `coerced` are the operation's variables with their defaults; `marked` the names of fields with guarded arguments.
 */
export const delegate = async (
  schema: GraphQLSchema,
  request: Operation,
  coerced: Readonly<Record<string, unknown>>,
  context: ExecutionContext,
  marked: ReadonlySet<string> = new Set(),
): Promise<ExecutionResult> => {
  const { operation, variables } = request;
  const unconditional = decide(request.document, coerced);
  if (unconditional instanceof GraphQLError) return { errors: [unconditional] };
  const decided = markFields(unconditional, marked, request, context);
  const renamed = withoutThen(decided);
  const result = withInputErrors(
    await execute({
      schema,
      document: withKeptSelections(schema, renamed ?? decided),
      operationName: operation.name?.value ?? null,
      variableValues: variables,
      contextValue: context,
    }),
  );
  return renamed === null ? result : withThen(result);
};
