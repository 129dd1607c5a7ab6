import { stitchSchemas } from '@graphql-tools/stitch';
import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import { type GraphQLSchema, Kind, parse } from 'graphql';
import { DIRECTIVES_SDL } from '../directives/definitions.ts';
import type { Composition } from './composition.ts';
import { withPassedLiterals } from './literals.ts';
import { isHidden } from './names.ts';
import { relocateErrors } from './relocate.ts';
import { withSdlDefaults } from './sdl-defaults.ts';
import { withSdlTexts } from './sdl-texts.ts';
import { type ModuleSchema, subgraphsOf } from './subgraph.ts';

/** Directives that have a meaning for the gateway alone: who may see a field is nothing for clients. */
const INTERNAL: ReadonlySet<string> = new Set(
  parse(DIRECTIVES_SDL).definitions.flatMap((node) =>
    node.kind === Kind.DIRECTIVE_DEFINITION ? [node.name.value] : [],
  ),
);

/** Takes away what the gateway added for itself: what is left is printed, validated against and introspected. */
const publicPart = (schema: GraphQLSchema): GraphQLSchema =>
  pruneSchema(
    filterSchema({
      schema,
      rootFieldFilter: (_operation, field) => !isHidden(field ?? ''),
      objectFieldFilter: (_type, field) => !isHidden(field ?? ''),
      typeFilter: (name) => !isHidden(name),
      directiveFilter: (name) => !INTERNAL.has(name ?? ''),
    }),
  );

/** One schema of all modules, in which each field is answered by the module that gives it. */
export const stitchModules = (composition: Composition, modules: readonly ModuleSchema[]): GraphQLSchema => {
  const subschemas = modules.flatMap((module) => subgraphsOf(module, composition));
  const schema = stitchSchemas({ subschemas });
  const visible = withPassedLiterals(relocateErrors(publicPart(schema)));
  return withSdlDefaults(
    withSdlTexts(
      visible,
      composition.parts.map(({ sdl }) => sdl.document),
    ),
  );
};
