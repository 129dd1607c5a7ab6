import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionNode, valueFromASTUntyped } from 'graphql';
import type { OperationFacts } from '../upstream/routing/call-origin.ts';
import type { Operation } from './operation.ts';

/** Values of the variables: as sent, else the default of the operation. */
export const variableValues = ({ operation, variables }: Operation): Record<string, unknown> => ({
  ...Object.fromEntries(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  ),
  ...variables,
});

/** The root fields with this name. Each fragment is visited once. */
const rootFields = (operation: Operation, field: string): readonly FieldNode[] => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of operation.document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const found: FieldNode[] = [];
  const visit = (selections: readonly SelectionNode[]): void => {
    for (const node of selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) visit(node.selectionSet.selections);
      else if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(node.name.value);
        fragments.delete(node.name.value);
        if (fragment !== undefined) visit(fragment.selectionSet.selections);
      } else if (node.name.value === field) found.push(node);
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

/**
 * Returns the values of an argument of these fields, without those that do not have it. `path` is the argument, and fields of
 * input objects below it. Values are as the client sent them, before coercion.
 */
const argumentValues = (
  operation: Operation,
  nodes: readonly FieldNode[],
  path: readonly string[],
): readonly unknown[] => {
  const variables = variableValues(operation);
  return nodes
    .map((node) =>
      Object.fromEntries(
        (node.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables)]),
      ),
    )
    .map((values) => valueAt(values, path))
    .filter((value) => value !== undefined);
};

/** The facts of an operation that routes can read. Arguments are as the client sent them, before coercion. */
export const operationFacts = (operation: Operation): OperationFacts => ({
  name: operation.operation.name?.value ?? null,
  kind: operation.operation.operation === 'mutation' ? 'mutation' : 'query',
  argument: (path) => {
    const [field = '', ...rest] = path.split('.');
    return argumentValues(operation, rootFields(operation, field), rest);
  },
});
