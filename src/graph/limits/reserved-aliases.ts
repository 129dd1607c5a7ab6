import { GraphQLError, type ValidationRule } from 'graphql';

/** Refused response names: properties of objects, and the keys of joins. */
const RESERVED = /^(__.*|_key_.*|constructor|prototype)$/;

/**
 * Refuses aliases that are unsafe in a response: `__proto__`, `constructor` and `prototype`, others that begin with two
 * underscores (GraphQL, section 2.1.7.1: reserved for introspection), and the gateway's own `_key_`.
 */
export const reservedAliases: ValidationRule = (context) => ({
  VariableDefinition: ({ variable }) => {
    // Libraries look variables up in plain objects, which inherit these properties.
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
