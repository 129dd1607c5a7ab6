import type { GraphQLSchema } from 'graphql';
import type { Graph, GraphModule, Limit } from '../../execution/graph.ts';
import { guardOf } from '../directives/authorization/authorize.ts';
import type { Composition } from './composition.ts';
import { introspectionModule, type SchemaOf } from './introspection.ts';

/** The input of compiled execution: the modules, with the same guards and limits as in delegation. */
export const graphOf = (
  { authorization }: Composition,
  modules: readonly GraphModule[],
  limits: ReadonlyMap<string, Limit>,
  schema: GraphQLSchema,
  shownTo: SchemaOf,
): Graph => ({
  schema,
  modules: [...modules, introspectionModule(schema, shownTo)],
  guardOf: (coordinate, node) => guardOf(authorization, coordinate, node),
  limits,
});
