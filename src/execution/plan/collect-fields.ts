import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Field nodes with the same response key. */
export type Nodes = readonly [FieldNode, ...FieldNode[]];

/** The context in which selection sets are read: a document, with fixed values for its conditions. */
export interface SelectionContext {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Coerced values of the variables that are used in `@skip` and `@include`. */
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Called for each selection that is read, to bound the work. Default: none. */
  readonly onRead?: () => void;
}

const isSelected = (node: SelectionNode, { conditions }: SelectionContext): boolean =>
  node.directives === undefined ||
  node.directives.length === 0 ||
  (getDirectiveValues(GraphQLSkipDirective, node, conditions)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, conditions)?.if !== false);

const applies = (condition: string | undefined, type: GraphQLObjectType, { schema }: SelectionContext): boolean => {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isAbstractType(named) && schema.isSubType(named, type);
};

/**
 * Collects the fields that selection sets request of an object type, by response key and in order (GraphQL, section
 * 6.3.2).
 */
export const fieldsOf = (
  reading: SelectionContext,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): ReadonlyMap<string, Nodes> => {
  const fields = new Map<string, [FieldNode, ...FieldNode[]]>();
  const spread = new Set<string>();

  const take = (node: SelectionNode): void => {
    reading.onRead?.();
    if (!isSelected(node, reading)) return;
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value;
      const same = fields.get(key);
      if (same === undefined) fields.set(key, [node]);
      else same.push(node);
      return;
    }
    if (node.kind === Kind.INLINE_FRAGMENT) {
      if (applies(node.typeCondition?.name.value, type, reading)) node.selectionSet.selections.forEach(take);
      return;
    }
    const { value: name } = node.name;
    const fragment = reading.fragments[name];
    if (fragment === undefined || spread.has(name)) return;
    spread.add(name);
    if (applies(fragment.typeCondition.name.value, type, reading)) fragment.selectionSet.selections.forEach(take);
  };
  for (const set of sets) set.selections.forEach(take);
  return fields;
};
