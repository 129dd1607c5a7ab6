import { stitchSchemas } from '@graphql-tools/stitch';
import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';
import type { Composition } from './composition.ts';
import { withPassedLiterals } from './literals.ts';
import { isHidden } from './names.ts';
import { relocateErrors } from './relocate.ts';
import { withSdlDefaults } from './sdl-defaults.ts';
import { type ModuleSchema, subgraphsOf } from './subgraph.ts';

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
export const stitchModules = (composition: Composition, modules: readonly ModuleSchema[]): GraphQLSchema => {
  const subschemas = modules.flatMap((module) => subgraphsOf(module, composition));
  // Directives stay with the modules: who must be asked about what is nothing for clients.
  const schema = stitchSchemas({ subschemas });
  return withSdlDefaults(withPassedLiterals(relocateErrors(publicPart(schema))));
};
