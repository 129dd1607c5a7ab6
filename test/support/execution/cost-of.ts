import { buildSchema, type ExecutionResult, type GraphQLSchema, Kind, parse, validate } from 'graphql';
import { costWeightsOf } from '../../../src/graph/directives/cost/cost-weights.ts';
import { DIRECTIVE_DEFINITIONS } from '../../../src/graph/directives/definitions.ts';
import { realCost } from '../../../src/graph/limits/cost/real-cost.ts';
import { StaticCosts } from '../../../src/graph/limits/cost/static-costs.ts';
import type { Operation } from '../../../src/graph/operation.ts';

type Variables = Readonly<Record<string, unknown>>;

/** The operation of a valid document. */
export const operationOf = (schema: GraphQLSchema, text: string, variables: Variables = {}): Operation => {
  const document = parse(text);
  const [error] = validate(schema, document);
  if (error !== undefined) throw error;
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('The document has no operation.');
  return { document, operation, variables };
};

/** Static and real costs of operations on one schema with cost directives. */
export const costsOf = (sdl: string, listSize?: number) => {
  const schema = buildSchema(`${DIRECTIVE_DEFINITIONS} ${sdl}`);
  const weights = costWeightsOf([{ module: 'm', document: parse(sdl) }]);
  const costs = new StaticCosts(schema, weights, listSize);
  return {
    schema,
    costs,
    static: (text: string, variables?: Variables) => costs.of(operationOf(schema, text, variables)).total,
    real: (text: string, result: ExecutionResult, variables?: Variables) =>
      realCost(costs.of(operationOf(schema, text, variables)), result),
  };
};
