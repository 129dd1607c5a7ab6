import type { Backend } from '../backend/bind/bind.ts';
import { subsetKey } from '../backend/bind/subset-key.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { Operation } from './operation.ts';
import { operationFacts } from './operation-facts.ts';

/** Returns the headers of a request, in lower case, by which calls to any upstream are routed at present. */
export const routingHeadersOf = (backends: Iterable<Backend>): (() => readonly string[]) => {
  const routed = [...backends].flatMap(({ upstreams }) =>
    Object.values(upstreams).flatMap(({ send }) => send.routingHeaders ?? []),
  );
  return routed.length === 0 ? () => [] : () => [...new Set(routed.flatMap((headers) => headers()))];
};

/**
 * Part of the key of a whole answer: the subsets that calls of this operation go to, over all upstreams with routes. ''
 * without any.
 */
export const operationSubsets = (
  backends: Iterable<Backend>,
): ((operation: Operation, request: RequestContext) => string) => {
  const routed = Object.fromEntries(
    [...backends].flatMap(({ module, upstreams }) =>
      Object.entries(upstreams)
        .filter(([, { send }]) => send.subsetOf !== undefined)
        .map(([name, upstream]) => [`${module.name}.${name}`, upstream] as const),
    ),
  );
  if (Object.keys(routed).length === 0) return () => '';
  return (operation, { headers, principal, clientAddress }) =>
    subsetKey(routed, { headers, principal, clientAddress, operation: operationFacts(operation) });
};
