import type { AnyContext } from './schema-types.ts';

/** A policy that decides on each row. It is data: the gateway reads the properties of the rows. */
export interface RowPolicy<Type extends string = string, Need extends string = string> {
  /** The object type of the rows. */
  readonly type: Type;
  /** Properties of the row that the policy receives. */
  readonly needs: readonly Need[];
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
type Placed<Type extends string, Need extends string, Rows, Context> = [Type] extends [never]
  ? RowPolicyIn<Rows, Context>
  : RowPolicy<Type, Need>;

/**
 * The needed properties of a row without `undefined`: a policy does not decide without them. Of an unknown type or
 * property nothing is known, so that its name is the only error.
 */
type NeededRow<Rows, Type, Need extends string> = Type extends keyof Rows
  ? Need extends keyof Rows[Type]
    ? { readonly [Name in Need]-?: Exclude<Rows[Type][Name], undefined> }
    : // biome-ignore lint/suspicious/noExplicitAny: see above
      any
  : // biome-ignore lint/suspicious/noExplicitAny: see above
    any;

/**
 * Declares a policy that depends on the row, for fields of one type: `'own-order': rowPolicy('Order', ['customerId'], ({
 * customerId }, { principal }) => principal.kind === 'user' && principal.subject === customerId)`.
 *
 * `needs` names the properties of the row that the policy receives. Its context is that of a resolver of the module: the
 * policy is called for all rows in one tick, so that a loader makes one call for all of them. Only `true` admits; a
 * failure refuses the row with its own code, and so does a row without a needed property.
 */
export function rowPolicy<const Type extends string, const Need extends string, Rows = unknown, Context = AnyContext>(
  type: Type,
  needs: readonly Need[],
  admits: (
    row: NeededRow<Rows, Type, Need>,
    context: Context,
    args: Readonly<Record<string, unknown>>,
  ) => boolean | Promise<boolean>,
): Placed<Type, Need, Rows, Context>;
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
