import type { RequestContext } from '../../request/request-context.ts';

/** The GraphQL operation of a request, for rules. */
export interface OperationFacts {
  /** Null for an operation without a name. */
  readonly name: string | null;
  readonly kind: 'query' | 'mutation';
  /** Values at a path below the root fields: `order.id` is the argument `id` of every root field `order`. */
  argument(path: string): readonly unknown[];
}

/** The request that a call belongs to, for rules. Nothing of it is sent to a backend. */
export interface CallOrigin extends Pick<RequestContext, 'headers' | 'principal' | 'clientAddress'> {
  /** Null for calls without an operation. */
  readonly operation: OperationFacts | null;
}
