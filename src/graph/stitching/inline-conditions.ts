import {
  type DirectiveNode,
  type DocumentNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

const isCondition = ({ name }: DirectiveNode): boolean => name.value === 'skip' || name.value === 'include';

const isSelected = (node: SelectionNode, variables: Variables): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, variables)?.if !== true &&
  getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false;

const known = new WeakMap<DocumentNode, boolean>();

/** True if the document contains @skip or @include; memoized per document. */
const isConditional = (document: DocumentNode): boolean => {
  const before = known.get(document);
  if (before !== undefined) return before;
  let found = false;
  visit(document, {
    Directive: (node) => {
      found ||= isCondition(node);
    },
  });
  known.set(document, found);
  return found;
};

const select = (node: SelectionNode, variables: Variables): SelectionNode | null | undefined => {
  if (!node.directives?.some(isCondition)) return undefined;
  if (!isSelected(node, variables)) return null;
  return { ...node, directives: node.directives.filter((directive) => !isCondition(directive)) };
};

/** A selection that selects nothing. A selection set must not be empty: delegation would fail. */
export const NOTHING = parse('{ __nothing: __typename @skip(if: true) }').definitions.flatMap((node) =>
  'selectionSet' in node ? (node.selectionSet?.selections ?? []) : [],
);

const orNothing = (node: SelectionSetNode): SelectionSetNode | undefined =>
  node.selections.length === 0 ? { ...node, selections: NOTHING } : undefined;

/**
 * Returns the document with @skip and @include evaluated and removed. `variables` are coerced, with their defaults.
 *
 * Delegation would lose a field that is selected twice, once of them under a condition (`email @include(if: false)
 * email`).
 */
export const withoutConditions = (document: DocumentNode, variables: Variables): DocumentNode => {
  if (!isConditional(document)) return document;
  const enter = (node: SelectionNode) => select(node, variables);
  return visit(document, {
    Field: enter,
    FragmentSpread: enter,
    InlineFragment: enter,
    SelectionSet: { leave: orNothing },
  });
};
