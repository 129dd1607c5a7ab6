/** Options of `remote`. */
export interface RemoteOptions {
  /**
   * For a mutation: path of the argument with the client's idempotency key, `key` or `input.key`. The key is sent as
   * `Idempotency-Key`, scoped to the caller, and the call may then be retried. Default: the mutation is never sent twice.
   */
  readonly idempotencyKey?: string;
}

/** A root field that a GraphQL service provides. It is data, not a function, so that plans contain its operation. */
export interface Remote<Upstream extends string = string> {
  readonly remote: Upstream;
  /** Name of the root field in the service; null for the same name. */
  readonly field: string | null;
  readonly idempotencyKey: string | null;
}

/**
 * Declares that a GraphQL upstream provides a field of `Query` or `Mutation`: `review: remote('reviews')`, or
 * `topReviews: remote('reviews', 'best')` if the field has another name in the service.
 *
 * The selection below the field becomes one operation of the service, with the arguments by their names.
 */
export const remote = <const Upstream extends string>(
  upstream: Upstream,
  field: string | null = null,
  { idempotencyKey = null }: { readonly [Name in keyof RemoteOptions]: RemoteOptions[Name] | null } = {},
): Remote<Upstream> => ({ remote: upstream, field, idempotencyKey });

export const isRemote = (resolver: unknown): resolver is Remote =>
  typeof resolver === 'object' && resolver !== null && 'remote' in resolver && typeof resolver.remote === 'string';
