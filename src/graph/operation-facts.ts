import { type FragmentDefinitionNode, Kind, type SelectionNode, valueFromASTUntyped } from 'graphql';
import type { OperationFacts } from '../upstream/routing/call-origin.ts';
import type { Operation } from './operation.ts';

type Values = Readonly<Record<string, unknown>>;

/** Values of the variables: as sent, else the default of the operation. */
const variableValues = ({ operation, variables }: Operation): Record<string, unknown> => ({
  ...Object.fromEntries(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  ),
  ...variables,
});

/** Arguments of the root fields with this name. Each fragment is visited once. */
const rootArguments = (operation: Operation, field: string): readonly Values[] => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of operation.document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const variables = variableValues(operation);
  const found: Values[] = [];
  const visit = (selections: readonly SelectionNode[]): void => {
    for (const node of selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) visit(node.selectionSet.selections);
      else if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(node.name.value);
        fragments.delete(node.name.value);
        if (fragment !== undefined) visit(fragment.selectionSet.selections);
      } else if (node.name.value === field)
        found.push(
          Object.fromEntries(
            (node.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables)]),
          ),
        );
    }
  };
  visit(operation.operation.selectionSet.selections);
  return found;
};

const valueAt = (value: unknown, [name, ...rest]: readonly string[]): unknown => {
  if (name === undefined) return value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return valueAt(Object.entries(value).find(([key]) => key === name)?.[1], rest);
};

/** The facts of an operation that routes can read. Arguments are as the client sent them, before coercion. */
export const operationFacts = (operation: Operation): OperationFacts => ({
  name: operation.operation.name?.value ?? null,
  kind: operation.operation.operation === 'mutation' ? 'mutation' : 'query',
  argument: (path) => {
    const [field = '', ...rest] = path.split('.');
    return rootArguments(operation, field)
      .map((values) => valueAt(values, rest))
      .filter((value) => value !== undefined);
  },
});
