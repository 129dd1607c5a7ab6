import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { NOTHING } from './inline-conditions.ts';

const known = new WeakMap<DocumentNode, DocumentNode>();

const isTypename = (node: ASTNode): boolean =>
  node.kind === Kind.FIELD && node.name.value === '__typename' && node.alias === undefined;

const hasOnlyTypename = ({ selections }: SelectionSetNode): boolean => selections.every(isTypename);

/**
 * Adds a selection that every module knows to each selection set that delegation might drop. Memoized per document.
 *
 * Delegation sends a root field to its module wherever it is selected. It drops `query: Query` of a payload, however,
 * if the payload's own module has none of the selected fields. It also drops an inline fragment with only `__typename`,
 * and with it a field that has no other selection.
 */
export const withKeptSelections = (schema: GraphQLSchema, document: DocumentNode): DocumentNode => {
  const before = known.get(document);
  if (before !== undefined) return before;
  const roots = new Set([schema.getQueryType(), schema.getMutationType()]);
  const types = new TypeInfo(schema);
  const completed = visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet: {
        leave: (node, _key, parent) => {
          const isOfFragment = parent !== undefined && 'kind' in parent && parent.kind === Kind.INLINE_FRAGMENT;
          const mayBeDropped =
            (isOfFragment && hasOnlyTypename(node)) || roots.has(getNamedType(types.getParentType()) as never); // other types are never in the set
          return mayBeDropped ? { ...node, selections: [...node.selections, ...NOTHING] } : undefined;
        },
      },
    }),
  );
  known.set(document, completed);
  return completed;
};
