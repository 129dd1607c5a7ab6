import { type DocumentNode, Kind, parse, print, type TypeDefinitionNode } from 'graphql';

/** Definitions of a document by coordinate: `type Pet`, `Pet.name: String!`, `PetStatus.SOLD`. */
const coordinatesOf = (document: DocumentNode): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const add = (node: TypeDefinitionNode): void => {
    const name = node.name.value;
    if (node.kind === Kind.UNION_TYPE_DEFINITION) found.set(name, (node.types ?? []).map(print).join(' | '));
    else found.set(name, '');
    if (node.kind === Kind.ENUM_TYPE_DEFINITION)
      for (const value of node.values ?? []) found.set(`${name}.${value.name.value}`, '');
    if (!('fields' in node)) return;
    for (const field of node.fields ?? []) {
      found.set(`${name}.${field.name.value}`, print(field.type));
      for (const argument of 'arguments' in field ? (field.arguments ?? []) : [])
        found.set(
          `${name}.${field.name.value}(${argument.name.value}:)`,
          print(argument.type) + (argument.defaultValue ? ` = ${print(argument.defaultValue)}` : ''),
        );
    }
  };
  for (const node of document.definitions)
    if ('name' in node && node.kind.endsWith('TypeDefinition')) add(node as TypeDefinitionNode); // the kind says so
  return found;
};

const shown = (coordinate: string, type: string): string => (type === '' ? coordinate : `${coordinate}: ${type}`);

/** The changes between two texts of SDL, one line each: `+ Pet.tag: String`, `- Pet.age: Int`, `~ Pet.name: String -> String!`. */
export const sdlChanges = (before: string, after: string): string[] => {
  const [old, next] = [
    coordinatesOf(parse(before, { noLocation: true })),
    coordinatesOf(parse(after, { noLocation: true })),
  ];
  const removed = [...old].flatMap(([coordinate, type]) =>
    next.has(coordinate) ? [] : [`- ${shown(coordinate, type)}`],
  );
  const changed = [...next].flatMap(([coordinate, type]) => {
    const previous = old.get(coordinate);
    if (previous === undefined) return [`+ ${shown(coordinate, type)}`];
    return previous === type ? [] : [`~ ${shown(coordinate, previous)} -> ${type}`];
  });
  return [...removed, ...changed];
};
