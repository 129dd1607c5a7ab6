import { type DocumentNode, type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import { withoutConditions } from './conditions.ts';
import type { ExecutionContext } from './execution-context.ts';
import { withInputErrors } from './input-errors.ts';
import type { Operation } from './operation.ts';
import { withRoots } from './root-selections.ts';
import { withoutThen, withThen } from './then-fields.ts';

/** The document with its conditions decided, or what is wrong with one: a variable for `if` that is null, say. */
const decide = (document: DocumentNode, variables: Readonly<Record<string, unknown>>): DocumentNode | GraphQLError => {
  try {
    return withoutConditions(document, variables);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } });
  }
};

/**
 * Runs an operation by delegation, as stitching does it: it can do everything, at many times the price of a plan.
 *
 * `coerced` are the operation's variables with their defaults.
 */
export const delegate = async (
  schema: GraphQLSchema,
  { document, operation, variables }: Operation,
  coerced: Readonly<Record<string, unknown>>,
  context: ExecutionContext,
): Promise<ExecutionResult> => {
  const decided = decide(document, coerced);
  if (decided instanceof GraphQLError) return { errors: [decided] };
  const renamed = withoutThen(decided);
  const result = withInputErrors(
    await execute({
      schema,
      document: withRoots(schema, renamed ?? decided),
      operationName: operation.name?.value ?? null,
      variableValues: variables,
      contextValue: context,
    }),
  );
  return renamed === null ? result : withThen(result);
};
