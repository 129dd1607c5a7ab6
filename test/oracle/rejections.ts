import { GraphQLError } from 'graphql';

let unhandled: unknown[] = [];

/**
 * Records unhandled rejections instead of ending the process. Those of the reference are left out: graphql-js drops
 * pending items of a list when one item fails synchronously.
 */
export const keepRejections = (): void => {
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof GraphQLError && reason.path !== undefined)) unhandled.push(reason);
  });
};

/** Rejections since the last call. */
export const keptRejections = (): readonly unknown[] => {
  const kept = unhandled;
  unhandled = [];
  return kept;
};
