import { type FieldNode, Kind, parse } from 'graphql';

const known = new Map<string, FieldNode>();

/** A text of `needs`, or the name of a key field, as a field of a selection. */
export const neededNode = (text: string): FieldNode => {
  const before = known.get(text);
  if (before !== undefined) return before;
  const [definition] = parse(`{ ${text} }`).definitions;
  const node = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections[0] : undefined;
  if (node?.kind !== Kind.FIELD) throw new Error(`${text} is no field.`);
  known.set(text, node);
  return node;
};
