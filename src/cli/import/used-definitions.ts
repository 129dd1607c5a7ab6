import type { Definition, ImportedGraph, ImportedType } from './imported-graph.ts';

const namesIn = (type: ImportedType): string[] => {
  if (type.kind === 'scalar') return [];
  if (type.kind === 'list') return namesIn(type.item);
  return type.kind === 'map' ? [type.name, ...namesIn(type.value)] : [type.name];
};

const referred = (definition: Definition): string[] => {
  if (definition.kind === 'enum') return [];
  if (definition.kind === 'union') return definition.members.map(({ name }) => name);
  return definition.fields.flatMap(({ type }) => namesIn(type));
};

/** The definitions that root fields and loaders use, sorted by kind and then in the order of the contract. */
export const usedDefinitions = ({ definitions, fields, loaders }: Omit<ImportedGraph, 'avoided'>): Definition[] => {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const used = new Set<string>();
  const use = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    for (const other of referred(byName.get(name) ?? { kind: 'enum', name, description: null, values: [] })) use(other);
  };
  for (const { args, body, result, pages } of fields) {
    for (const { type } of args) namesIn(type).forEach(use);
    if (body !== null) namesIn(body.type).forEach(use);
    if (pages !== null) use(pages.connection);
    else if (result.type !== null) namesIn(result.type).forEach(use);
  }
  for (const { type } of loaders) use(type);
  return definitions.filter(({ name }) => used.has(name));
};
