import type { GatewayError } from '../core/errors.ts';

/** An operation, as limits see it. */
export interface LimitedOperation {
  /** Null for an operation without a name. */
  readonly name: string | null;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Returns how often each field is selected, by coordinate, with fragments expanded. */
  fields(): ReadonlyMap<string, number>;
  /** Returns the coordinates of the fields of Query and Mutation that it selects, at any depth. */
  rootFields(): readonly string[];
  /**
   * Returns the values of an argument of all fields of Query and Mutation with it, `<field>.<argument>`, or of a field of an input
   * object below it. Such a field may be below another one: `query: Query` in a payload.
   * Values are as the client sent them, with defaults where it sent none.
   */
  argument(path: string): readonly unknown[];
  /** Returns the static cost: the most that the operation can cost. */
  cost(): number;
}

/** The limits of one request that depend on its operation. */
export interface RequestLimits {
  /**
   * Counts the request with its operation, if it is not counted yet. Returns null, or the error of a request above a limit. No
   * part of such a request is executed.
   */
  count(operation: LimitedOperation): Promise<GatewayError | null>;
  /** Headers that backends may receive, in place of the client's; null for none. Known once the request is counted. */
  readonly forwarded: Readonly<Record<string, string>> | null;
  /** Replaces the static cost with what the execution has cost. */
  spent(cost: number): void;
}
