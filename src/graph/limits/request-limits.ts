import { type ExecutionResult, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { GatewayError } from '../../core/errors.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { LimitedOperation, RequestLimits } from '../../request/request-limits.ts';
import type { Operation, Run } from '../operation.ts';
import { countedArguments } from './counted-arguments.ts';
import { type CountedSelections, selectedFields } from './selected-fields.ts';

/** Returns the static cost of an operation. */
export type CostOf = (operation: Operation) => number;

/** Creates the function that returns an operation as limits see it. */
export const limitedOperations = (schema: GraphQLSchema, costOf: CostOf) => {
  const selected = new WeakMap<OperationDefinitionNode, CountedSelections>();
  const fieldsOf = (operation: Operation): CountedSelections => {
    const fields = selected.get(operation.operation) ?? selectedFields(schema, operation);
    selected.set(operation.operation, fields);
    return fields;
  };
  const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) => (type ? [`${type.name}.`] : []));
  return (operation: Operation): LimitedOperation => ({
    name: operation.operation.name?.value ?? null,
    kind: operation.operation.operation,
    fields: () => fieldsOf(operation).counts,
    rootFields: () => [...fieldsOf(operation).counts.keys()].filter((at) => roots.some((root) => at.startsWith(root))),
    argument: (path) => {
      const [field = '', ...rest] = path.split('.');
      return countedArguments(schema, operation, fieldsOf(operation).ofRoots.get(field) ?? [], rest);
    },
    cost: () => costOf(operation),
  });
};

/** The context with further headers. Without a prototype, because configured names are looked up in them. */
const withHeaders = (request: RequestContext, headers: RequestLimits['forwarded']): RequestContext =>
  headers === null ? request : { ...request, headers: Object.assign(Object.create(null), request.headers, headers) };

/** With its code, an error is no failure for the log. */
const refusedBy = (error: GatewayError): ExecutionResult => ({
  errors: [new GraphQLError(error.message, { originalError: error, extensions: { code: error.code } })],
});

/** Applies the rules of each request that read its operation, before its limits and before anything of it is executed. */
export const withRequestRules =
  (run: Run): Run =>
  (operation, request) => {
    const { rules, trace } = request;
    if (rules === undefined) return run(operation, request);
    const { name, operation: kind } = operation.operation;
    const denied = rules.denied({ name: name?.value ?? null, kind, hash: trace.record.operation?.hash ?? null });
    return denied === null ? run(operation, request) : Promise.resolve(refusedBy(denied));
  };

/** Counts each request with its operation against the limits of the request, before anything of it is executed. */
export const withRequestLimits = (schema: GraphQLSchema, costOf: CostOf) => {
  const limitedOf = limitedOperations(schema, costOf);
  const counted = async (limits: RequestLimits, operation: Operation, request: RequestContext, run: Run) => {
    const refused = await limits.count(limitedOf(operation));
    return refused === null ? run(operation, withHeaders(request, limits.forwarded)) : refusedBy(refused);
  };
  return (run: Run): Run =>
    (operation, request) => {
      const { limits } = request;
      return limits === undefined ? run(operation, request) : counted(limits, operation, request, run);
    };
};
