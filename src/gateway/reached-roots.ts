import { type DocumentNode, Kind, type NamedTypeNode, visit } from 'graphql';

const ROOTS: readonly string[] = ['Query', 'Mutation'];

/**
 * Root types that something below the root leads to: a field of that type (`query: Query` of a payload), a union of which it is a
 * member, or an interface that it implements.
 */
export const reachedRoots = (documents: readonly DocumentNode[]): ReadonlySet<string> => {
  const reached = new Set<string>();
  const note = ({ name }: NamedTypeNode): void => {
    if (ROOTS.includes(name.value)) reached.add(name.value);
  };
  const noteImplementing = (node: { name: { value: string }; interfaces?: readonly NamedTypeNode[] }): void => {
    if ((node.interfaces ?? []).length > 0 && ROOTS.includes(node.name.value)) reached.add(node.name.value);
  };
  // Every name of a type in SDL is the type of a field, a member of a union or an interface.
  for (const document of documents)
    visit(document, {
      [Kind.NAMED_TYPE]: note,
      [Kind.OBJECT_TYPE_DEFINITION]: noteImplementing,
      [Kind.OBJECT_TYPE_EXTENSION]: noteImplementing,
    });
  return reached;
};
