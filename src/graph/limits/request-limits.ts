import { GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { RequestContext } from '../../request/request-context.ts';
import type { LimitedOperation, RequestLimits } from '../../request/request-limits.ts';
import type { Operation, Run } from '../operation.ts';
import { argumentValues } from '../operation-facts.ts';
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
      return argumentValues(operation, fieldsOf(operation).ofRoots.get(field) ?? [], rest);
    },
    cost: () => costOf(operation),
  });
};

/** The context with further headers. Without a prototype, because configured names are looked up in them. */
const withHeaders = (request: RequestContext, headers: RequestLimits['forwarded']): RequestContext =>
  headers === null ? request : { ...request, headers: Object.assign(Object.create(null), request.headers, headers) };

/** Counts each request with its operation against the limits of the request, before anything of it is executed. */
export const withRequestLimits = (schema: GraphQLSchema, costOf: CostOf) => {
  const limitedOf = limitedOperations(schema, costOf);
  const counted = async (limits: RequestLimits, operation: Operation, request: RequestContext, run: Run) => {
    const refused = await limits.count(limitedOf(operation));
    if (refused === null) return run(operation, withHeaders(request, limits.forwarded));
    // With its code, an error is no failure for the log.
    const { code } = refused;
    return { errors: [new GraphQLError(refused.message, { originalError: refused, extensions: { code } })] };
  };
  return (run: Run): Run =>
    (operation, request) => {
      const { limits } = request;
      return limits === undefined ? run(operation, request) : counted(limits, operation, request, run);
    };
};
