import type { GraphQLFieldResolver } from 'graphql';
import type { ExecutionContext } from '../execution-context.ts';

/** A resolver as graphql-js calls it: with the context of the execution, not of the module. */
export type ExecutableResolver = GraphQLFieldResolver<unknown, ExecutionContext>;
