import type { GraphQLError, ValidationRule } from 'graphql';

/**
 * Reports each message of validation once, at the first place: `@a @a @a` is one unknown directive and not three. Rules share a context,
 * so that this one concerns them all.
 */
export const repeatedErrors: ValidationRule = (context) => {
  const report = context.reportError.bind(context);
  const reported = new Set<string>();
  context.reportError = (error: GraphQLError) => {
    if (reported.has(error.message)) return;
    reported.add(error.message);
    report(error);
  };
  return {};
};
