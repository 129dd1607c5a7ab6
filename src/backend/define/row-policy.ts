import type { AnyContext } from './schema-types.ts';

/** A policy that decides on each row. It is data: the gateway reads the properties of the rows. */
export interface RowPolicy {
  /** The object type of the rows. */
  readonly type: string;
  /** Properties of the row that the policy receives. */
  readonly needs: readonly string[];
  readonly admits: (
    row: object,
    context: AnyContext,
    args: Readonly<Record<string, unknown>>,
  ) => boolean | Promise<boolean>;
}

/** Rows and context at a call of `rowPolicy`. Exists for the compiler only. */
export interface RowPolicyIn<Rows, Context> {
  readonly place?: (rows: Rows, context: Context) => void;
}

/** The compiler infers rows and context from the first branch, which is never taken. */
type Placed<Type extends string, Rows, Context> = [Type] extends [never] ? RowPolicyIn<Rows, Context> : RowPolicy;

/** Properties of a row without `undefined`: a policy does not decide without them. */
type Needed<Row, Need extends keyof Row> = { readonly [Name in Need]-?: Exclude<Row[Name], undefined> };

/**
 * Declares a policy that depends on the row, for fields of one type: `'own-order': rowPolicy('Order', ['customerId'], ({
 * customerId }, { principal }) => principal.kind === 'user' && principal.subject === customerId)`.
 *
 * `needs` names the properties of the row that the policy receives. Its context is that of a resolver of the module: the
 * policy is called for all rows in one tick, so that a loader makes one call for all of them. Only `true` admits; a
 * failure refuses the row with its own code, and so does a row without a needed property.
 */
export function rowPolicy<
  const Type extends keyof Rows & string,
  const Need extends keyof Rows[Type] & string,
  Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  Context = AnyContext,
>(
  type: Type,
  needs: readonly Need[],
  admits: (
    row: Needed<Rows[Type], Need>,
    context: Context,
    args: Readonly<Record<string, unknown>>,
  ) => boolean | Promise<boolean>,
): Placed<Type, Rows, Context>;
/**
 * Never called. The compiler defers calls of a function with this overload until the surrounding types are inferred;
 * without it, the rows are unknown when `admits` is typed.
 */
export function rowPolicy<Never>(never: never): () => Never;
export function rowPolicy(type: string, needs?: readonly string[], admits?: unknown): unknown {
  return { type, needs, admits };
}

export const isRowPolicy = (policy: unknown): policy is RowPolicy =>
  typeof policy === 'object' && policy !== null && 'needs' in policy && 'admits' in policy;
