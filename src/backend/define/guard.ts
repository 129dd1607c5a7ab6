import { GatewayError } from '../../core/errors.ts';
import type { Principal } from '../../request/request-context.ts';

interface Asking {
  readonly principal: Principal;
}

/**
 * Returns a resolver's result only if `mayHave` admits it, for decisions that depend on the row: `order: guard((_root,
 * { id }, { clients }) => …, (order, { principal }) => principal.kind === 'user' && order.customerId ===
 * principal.subject)`.
 *
 * Null passes. A refused result is FORBIDDEN, or UNAUTHENTICATED for anonymous callers.
 */
export const guard =
  <Parent, Args, Context extends Asking, Info, Result>(
    resolve: (parent: Parent, args: Args, context: Context, info: Info) => Result | Promise<Result>,
    mayHave: (
      result: NonNullable<Result>,
      context: NoInfer<Context>,
      args: NoInfer<Args>,
      parent: NoInfer<Parent>,
    ) => boolean | Promise<boolean>,
  ) =>
  async (parent: Parent, args: Args, context: Context, info: Info): Promise<Result> => {
    const result = await resolve(parent, args, context, info);
    if (result === null || result === undefined || result instanceof Error) return result;
    if ((await mayHave(result, context, args, parent)) === true) return result;
    throw context.principal.kind === 'anonymous'
      ? new GatewayError('UNAUTHENTICATED', 'Authentication required.')
      : new GatewayError('FORBIDDEN', 'The guard of this field refused its result.');
  };
