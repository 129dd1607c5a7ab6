import { GraphQLError } from 'graphql';

let unhandled: unknown[] = [];

/**
 * Keeps promises that fail with nobody listening, instead of ending the process. Those of the reference are left out: graphql-js forgets
 * what else is under way in a list where one item fails at once.
 */
export const keepRejections = (): void => {
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof GraphQLError && reason.path !== undefined)) unhandled.push(reason);
  });
};

/** What was kept since this was last asked. */
export const keptRejections = (): readonly unknown[] => {
  const kept = unhandled;
  unhandled = [];
  return kept;
};
