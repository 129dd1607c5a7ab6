import { type ExecutionResult, type FieldNode, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import { fieldsOf } from '../../execution/plan/collect-fields.ts';
import { introspect } from '../compose/introspection.ts';
import type { Operation } from '../operation.ts';

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type']);

const fragmentsIn = ({ document }: Operation) =>
  Object.fromEntries(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );

/**
 * Runs `__schema` and `__type` of an operation on the schema that its caller sees, and its other fields by `run`:
 * graphql-js would introspect the schema that it executes. Validation refuses both below other fields.
 */
export const withCallerIntrospection = async (
  request: Operation,
  coerced: Readonly<Record<string, unknown>>,
  schema: GraphQLSchema,
  visible: GraphQLSchema,
  run: (operation: Operation) => Promise<ExecutionResult>,
): Promise<ExecutionResult> => {
  const { operation, document } = request;
  const query = schema.getQueryType();
  if (operation.operation !== 'query' || !query) return run(request);
  const fragments = fragmentsIn(request);
  const fields = fieldsOf({ schema, fragments, conditions: coerced }, query, [operation.selectionSet]);
  const isOfSchema = ([node]: readonly FieldNode[]): boolean => INTROSPECTION.has(node?.name.value ?? '');
  if (![...fields.values()].some(isOfSchema)) return run(request);
  const others = [...fields.values()].flatMap((nodes) => (isOfSchema(nodes) ? [] : nodes));
  const rest: OperationDefinitionNode = {
    ...operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections: others },
  };
  const definitions = document.definitions.map((node) => (node === operation ? rest : node));
  const result: ExecutionResult =
    others.length === 0
      ? { data: {} }
      : await run({ ...request, operation: rest, document: { ...document, definitions } });
  if (!result.data) return result;
  const data = [...fields].map(([key, nodes]) => [
    key,
    isOfSchema(nodes)
      ? introspect(visible, { fieldNodes: nodes, fragments, operation, variableValues: coerced })
      : result.data?.[key],
  ]);
  return { ...result, data: Object.fromEntries(data) };
};
