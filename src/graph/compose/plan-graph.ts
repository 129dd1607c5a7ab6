import type { GraphQLSchema } from 'graphql';
import type { Graph, GraphModule, Guard, Limit } from '../../execution/graph.ts';
import { authorize } from '../directives/authorize.ts';
import type { Composition } from './composition.ts';
import { introspectionModule } from './introspection.ts';

/** The input of compiled execution: the modules, with the same guards and limits as in delegation. */
export const graphOf = (
  { authorization: { requirements, policies } }: Composition,
  modules: readonly GraphModule[],
  limits: ReadonlyMap<string, Limit>,
  schema: GraphQLSchema,
): Graph => ({
  schema,
  modules: [...modules, introspectionModule(schema)],
  guards: new Map(
    [...requirements].map(([coordinate, requirement]): [string, Guard] => [
      coordinate,
      ({ principal }, args) => authorize(requirement, { principal, args }, policies),
    ]),
  ),
  limits,
});
