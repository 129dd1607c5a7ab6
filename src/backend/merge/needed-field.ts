import { type FieldNode, GraphQLError, Kind, parse, print, visit } from 'graphql';

/** One text of `needs`, parsed: a field of other modules, with its arguments and the selection below it. */
export interface NeededField {
  /** The text in a normal form, on one line. The name alone for a field without arguments and selection. */
  readonly text: string;
  /** The property of the parent that has the value: the alias, or the name. */
  readonly property: string;
  readonly name: string;
  readonly node: FieldNode;
}

/** Block strings become plain ones, so that the text has one line. */
const onOneLine = (node: FieldNode): string =>
  print(visit(node, { StringValue: (text) => ({ ...text, block: false }) })).replaceAll(/\n\s*/g, ' ');

/** @throws GraphQLError for a text that is not one field in GraphQL's notation. */
export const parseNeed = (text: string): NeededField => {
  const [definition, ...others] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  const [node, ...more] = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
  if (node?.kind !== Kind.FIELD || others.length > 0 || more.length > 0) throw new GraphQLError('Expected one field.');
  const name = node.name.value;
  return { text: onOneLine(node), property: node.alias?.value ?? name, name, node };
};

const known = new WeakMap<readonly string[], readonly NeededField[]>();

/** Parses the texts of one computed field, once for each list. @throws GraphQLError */
export const neededFields = (needs: readonly string[]): readonly NeededField[] => {
  const parsed = known.get(needs) ?? needs.map(parseNeed);
  known.set(needs, parsed);
  return parsed;
};
