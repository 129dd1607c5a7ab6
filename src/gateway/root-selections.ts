import { type DocumentNode, type GraphQLSchema, getNamedType, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { NOTHING } from './conditions.ts';

const known = new WeakMap<DocumentNode, DocumentNode>();

/**
 * The document with a selection that every module knows in each selection set of a root type; worked out once a document.
 *
 * Delegation asks the owner of a root field for it wherever it stands. It drops a `query: Query` of a payload, however, of which it can
 * ask the payload's own module for nothing.
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
          roots.has(getNamedType(types.getParentType()) as never) // other types are in no set of root types
            ? { ...node, selections: [...node.selections, ...NOTHING] }
            : undefined,
      },
    }),
  );
  known.set(document, completed);
  return completed;
};
