import type { Definition, ImportedField, ImportedType } from './imported-graph.ts';
import { type NamePool, typeName } from './names/names.ts';

const required = (name: string, type: ImportedType, isRequired = true): ImportedField => ({
  name,
  property: name,
  type,
  isRequired,
  description: null,
  deprecated: false,
});

const text: ImportedType = { kind: 'scalar', name: 'String', raw: 'text' };
const bool: ImportedType = { kind: 'scalar', name: 'Boolean', raw: 'boolean' };

/** Definitions of a graph that an importer reads, and the names of its types. */
export interface GrowingGraph {
  readonly definitions: readonly Definition[];
  readonly names: NamePool;
  add(definition: Definition): void;
}

/** Adds the connection of an item type to the definitions, each once. Returns its name. */
export const connectionOf = (graph: GrowingGraph, item: ImportedType): string => {
  const base = 'name' in item ? item.name : 'Item';
  const name = typeName(`${base} Connection`);
  if (graph.definitions.some((definition) => definition.name === name)) return name;
  graph.names.take(name);
  const edge = graph.names.take(typeName(`${base} Edge`));
  const object = (of: string): ImportedType => ({ kind: 'object', name: of });
  const list = (of: ImportedType): ImportedType => ({ kind: 'list', item: of, isItemNullable: false });
  const total = {
    ...required('totalCount', { kind: 'scalar', name: 'Int', raw: 'number' }, false),
    description: 'Null if the backend does not return it.',
  };
  graph.add({
    kind: 'object',
    name,
    isMade: true,
    description: null,
    fields: [
      required('nodes', list(item)),
      required('edges', list(object(edge))),
      required('pageInfo', object('PageInfo')),
      total,
    ],
  });
  graph.add({
    kind: 'object',
    name: edge,
    isMade: true,
    description: null,
    fields: [required('cursor', text), required('node', item)],
  });
  if (!graph.definitions.some((definition) => definition.name === 'PageInfo'))
    graph.add({
      kind: 'object',
      name: 'PageInfo',
      isMade: true,
      description: null,
      fields: [
        required('hasNextPage', bool),
        required('hasPreviousPage', bool),
        required('startCursor', text, false),
        required('endCursor', text, false),
      ],
    });
  return name;
};
