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

/** Whether a document has conditions at all; asked once a document. */
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

/** What selects nothing, and is a selection all the same: a selection set without one is not GraphQL, and delegation fails. */
export const NOTHING = parse('{ __nothing: __typename @skip(if: true) }').definitions.flatMap((node) =>
  'selectionSet' in node ? (node.selectionSet?.selections ?? []) : [],
);

const orNothing = (node: SelectionSetNode): SelectionSetNode | undefined =>
  node.selections.length === 0 ? { ...node, selections: NOTHING } : undefined;

/**
 * The document as these variables make it: @skip and @include are decided and gone.
 *
 * Delegation loses a field that is selected twice, once of them under a condition (`email @include(if: false) email`).
 * `variables` are coerced ones, with their defaults.
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
