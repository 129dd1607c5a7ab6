import { stitchSchemas } from '@graphql-tools/stitch';
import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';
import type { SchemaModule } from '../backend/module.ts';
import { isHidden } from './names.ts';
import { relocateErrors } from './relocate.ts';
import { keyFields, type ModuleSdl } from './sdl.ts';
import { subgraphsOf } from './subgraph.ts';

/** Every field that some module joins a type by, or computes from, by type. */
const joinedFields = (modules: readonly SchemaModule[]): Map<string, Set<string>> => {
  const fields = new Map<string, Set<string>>();
  for (const module of modules)
    for (const [type, merge] of Object.entries(module.merge)) {
      const known = fields.get(type) ?? new Set();
      for (const field of [...keyFields(merge), ...Object.values(merge.needs ?? {}).flat()]) known.add(field);
      fields.set(type, known);
    }
  return fields;
};

/** Takes away what the gateway added for itself: what is left is printed, validated against and introspected. */
const publicPart = (schema: GraphQLSchema): GraphQLSchema =>
  pruneSchema(
    filterSchema({
      schema,
      rootFieldFilter: (_operation, field) => !isHidden(field ?? ''),
      objectFieldFilter: (_type, field) => !isHidden(field ?? ''),
      typeFilter: (name) => !isHidden(name),
    }),
  );

/** One schema of all modules, in which each field is answered by the module that gives it. */
export const stitchModules = (
  modules: readonly SchemaModule[],
  sdls: ReadonlyMap<SchemaModule, ModuleSdl>,
): GraphQLSchema => {
  const twins = joinedFields(modules);
  const subschemas = modules.flatMap((module) => {
    const sdl = sdls.get(module);
    if (sdl === undefined) throw new Error(`The SDL of ${module.name} was not read.`);
    return subgraphsOf(module, sdl, twins);
  });
  const schema = stitchSchemas({ subschemas, mergeDirectives: true });
  return relocateErrors(publicPart(schema));
};
