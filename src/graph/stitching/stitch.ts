import { stitchSchemas } from '@graphql-tools/stitch';
import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import { type GraphQLSchema, Kind, parse } from 'graphql';
import type { Composition } from '../compose/composition.ts';
import { hasReservedName } from '../compose/reserved-names.ts';
import { withSdlDefaults } from '../compose/sdl-defaults.ts';
import { withSdlTexts } from '../compose/sdl-texts.ts';
import { coordinate } from '../directives/authorization/requirement.ts';
import { DIRECTIVE_DEFINITIONS } from '../directives/definitions.ts';
import { relocateErrors } from './error-paths.ts';
import { subschemasOf } from './subschema.ts';
import { withPassedLiterals } from './transforms/literals.ts';

/** Directives for the gateway only: clients must not see the authorization of a field. */
const INTERNAL: ReadonlySet<string> = new Set(
  parse(DIRECTIVE_DEFINITIONS).definitions.flatMap((node) =>
    node.kind === Kind.DIRECTIVE_DEFINITION ? [node.name.value] : [],
  ),
);

/**
 * Removes what the gateway added, and the fields that only modules can read. The rest is printed, introspected and used
 * for validation.
 */
const publicPart = (schema: GraphQLSchema, inaccessible: ReadonlySet<string>): GraphQLSchema =>
  pruneSchema(
    filterSchema({
      schema,
      rootFieldFilter: (_operation, field) => !hasReservedName(field ?? ''),
      objectFieldFilter: (type, field = '') => !hasReservedName(field) && !inaccessible.has(coordinate(type, field)),
      typeFilter: (name) => !hasReservedName(name),
      directiveFilter: (name) => !INTERNAL.has(name ?? ''),
    }),
  );

/** Stitches all modules into one schema. Each field is resolved by its own module. `limitFields` adds the rate limits. */
export const stitchModules = (
  composition: Composition,
  limitFields: (schema: GraphQLSchema) => GraphQLSchema,
): GraphQLSchema => {
  const subschemas = composition.modules.flatMap((module) => subschemasOf(module, composition, limitFields));
  const schema = stitchSchemas({ subschemas });
  const visible = withPassedLiterals(relocateErrors(publicPart(schema, composition.inaccessible)));
  return withSdlDefaults(
    withSdlTexts(
      visible,
      composition.modules.map(({ sdl }) => sdl.document),
    ),
  );
};
