import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { buildASTSchema, type DefinitionNode, type DocumentNode, type GraphQLSchema, Kind, parse } from 'graphql';
import type { SchemaModule } from '../define/module.ts';
import type { GraphqlUpstream } from '../define/upstream-options.ts';

/** Absolute path of the file with a service's SDL. */
export const serviceFile = ({ typeDefs }: Pick<SchemaModule, 'typeDefs'>, { schema }: GraphqlUpstream): string =>
  resolve(dirname(typeDefs.file), schema);

const DEFINITIONS: Partial<Record<Kind, DefinitionNode['kind']>> = {
  [Kind.OBJECT_TYPE_EXTENSION]: Kind.OBJECT_TYPE_DEFINITION,
  [Kind.INTERFACE_TYPE_EXTENSION]: Kind.INTERFACE_TYPE_DEFINITION,
};

/**
 * Reads the SDL of a service. The SDL of a federated subgraph is accepted: an extension of a type that only other
 * subgraphs define becomes its definition, and `extend schema` is dropped.
 *
 * @throws Error for a file that cannot be read; GraphQLError for a syntax error
 */
export const readServiceSdl = (file: string): DocumentNode => {
  const document = parse(readFileSync(file, 'utf8'));
  const defined = new Set<string>();
  for (const node of document.definitions)
    if ('name' in node && node.name !== undefined && DEFINITIONS[node.kind] === undefined) defined.add(node.name.value);
  const definitions = document.definitions.flatMap((node): readonly DefinitionNode[] => {
    if (node.kind === Kind.SCHEMA_EXTENSION) return [];
    const kind = DEFINITIONS[node.kind];
    if (kind === undefined || !('name' in node) || node.name === undefined || defined.has(node.name.value))
      return [node];
    defined.add(node.name.value);
    return [{ ...node, kind } as DefinitionNode]; // a definition has the properties of its extension
  });
  return { ...document, definitions };
};

const known = new WeakMap<GraphqlUpstream, GraphQLSchema>();

/** The schema of a service, memoized. Expects a module without problems. */
export const serviceSchema = (module: Pick<SchemaModule, 'typeDefs'>, upstream: GraphqlUpstream): GraphQLSchema => {
  const before = known.get(upstream);
  if (before !== undefined) return before;
  const schema = buildASTSchema(readServiceSdl(serviceFile(module, upstream)), { assumeValidSDL: true });
  known.set(upstream, schema);
  return schema;
};
