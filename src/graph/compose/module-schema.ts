import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLScalarType, isScalarType, parse } from 'graphql';
import type { SchemaModule } from '../../backend/define/module.ts';
import { USUAL_SCALARS } from '../../backend/define/scalars/built-in-scalars.ts';
import { type Enumeration, isEnumeration } from '../../backend/define/scalars/enumeration.ts';
import type { GraphModule } from '../../execution/graph.ts';
import { DIRECTIVE_DEFINITIONS } from '../directives/definitions.ts';
import type { ReadModule } from './composition.ts';
import type { ModuleSdl } from './sdl.ts';
import { withSdlDefaults } from './sdl-defaults.ts';

const builtInScalarsIn = (sdl: ModuleSdl): string[] =>
  sdl.undeclared.filter((name) => Object.hasOwn(USUAL_SCALARS, name));

/** SDL of what a module uses without declaring it: the gateway's directives and scalars. */
export const undeclaredSdl = (sdl: ModuleSdl): string =>
  [DIRECTIVE_DEFINITIONS, ...builtInScalarsIn(sdl).map((name) => `scalar ${name}`)].join('\n');

/** The scalars and enums of a module, with their internal values. */
export const leafTypesOf = (
  module: SchemaModule,
  sdl: ModuleSdl,
): Readonly<Record<string, GraphQLScalarType | Enumeration['values']>> => {
  const types: Record<string, GraphQLScalarType | Enumeration['values']> = {};
  for (const name of builtInScalarsIn(sdl))
    if (USUAL_SCALARS[name] !== undefined) types[name] = USUAL_SCALARS[name].type;
  for (const [type, declared] of Object.entries(module.resolvers))
    if (isScalarType(declared)) types[type] = new GraphQLScalarType({ ...declared.toConfig(), name: type });
    else if (isEnumeration(declared)) types[type] = declared.values;
  return types;
};

/** The types of a module, for plans. Without resolvers: a plan calls those of the module itself. */
export const moduleSchema = ({ module, sdl }: ReadModule): GraphModule => {
  const schema = makeExecutableSchema({
    typeDefs: [sdl.document, parse(undeclaredSdl(sdl))],
    resolvers: leafTypesOf(module, sdl),
    resolverValidationOptions: { requireResolversToMatchSchema: 'ignore' },
  });
  return { module, schema: withSdlDefaults(schema) };
};
