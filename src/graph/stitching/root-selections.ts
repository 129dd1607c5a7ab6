import { type DocumentNode, type GraphQLSchema, getNamedType, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { NOTHING } from './inline-conditions.ts';

const known = new WeakMap<DocumentNode, DocumentNode>();

/**
 * Adds a selection that every module knows to each selection set of a root type. Memoized per document.
 *
 * Delegation sends a root field to its module wherever it is selected. It drops `query: Query` of a payload, however,
 * if the payload's own module has none of the selected fields.
 */
export const withRoots = (schema: GraphQLSchema, document: DocumentNode): DocumentNode => {
  const before = known.get(document);
  if (before !== undefined) return before;
  const roots = new Set([schema.getQueryType(), schema.getMutationType()]);
  const types = new TypeInfo(schema);
  const completed = visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet: {
        leave: (node) =>
          roots.has(getNamedType(types.getParentType()) as never) // other types are never in the set
            ? { ...node, selections: [...node.selections, ...NOTHING] }
            : undefined,
      },
    }),
  );
  known.set(document, completed);
  return completed;
};
