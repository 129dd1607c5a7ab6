import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql';

/** An operation with fewer conditions left to its variables. */
export interface Assumed {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Variables of the removed @skip and @include directives. */
  readonly undecided: readonly string[];
}

/** Returns the operation with every selection included if its condition depends on a variable that is not `known`. */
export const assumeAsked = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  known: Readonly<Record<string, unknown>>,
): Assumed => {
  const undecided = new Set<string>();
  const assumed: DocumentNode = visit(document, {
    Directive: ({ name, arguments: [argument] = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return undefined;
      if (argument?.value.kind !== Kind.VARIABLE) return undefined;
      const variable = argument.value.name.value;
      if (Object.hasOwn(known, variable)) return undefined;
      undecided.add(variable);
      return null;
    },
  });
  const same = assumed.definitions[document.definitions.indexOf(operation)];
  const declared = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  return {
    document: assumed,
    operation: same?.kind === Kind.OPERATION_DEFINITION ? same : operation,
    undecided: [...undecided].filter((name) => declared.has(name)),
  };
};
