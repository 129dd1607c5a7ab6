import { GraphQLError, type ValidationRule } from 'graphql';

/** What a response may not call a field: names that objects have a meaning for, and those that joins read keys from. */
const RESERVED = /^(__.*|_key_.*|constructor|prototype)$/;

/**
 * Refuses aliases that an answer cannot carry safely: `__proto__`, `constructor` and `prototype`, others that begin with two
 * underscores (GraphQL, section 2.1.7.1: reserved for introspection), and the gateway's own `_key_`.
 */
export const reservedAliases: ValidationRule = (context) => ({
  VariableDefinition: ({ variable }) => {
    // Variables are looked up in plain objects on the way, which have these already.
    if (variable.name.value in Object.prototype)
      context.reportError(
        new GraphQLError(`The variable name "${variable.name.value}" is reserved.`, { nodes: variable }),
      );
  },
  Field: ({ alias }) => {
    if (alias !== undefined && RESERVED.test(alias.value))
      context.reportError(new GraphQLError(`The alias "${alias.value}" is reserved.`, { nodes: alias }));
  },
});
